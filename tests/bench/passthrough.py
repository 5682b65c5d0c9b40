"""What Storekeeper is measured against: a chat that keeps nothing and passes the model's words on, one event a token.

Quart and the openai client, as one would write it in an afternoon. No log-in, no disk, no Markdown, no fragments.
"""

import json
import os
from collections.abc import AsyncIterator

from openai import AsyncOpenAI
from quart import Quart, Response, request


def create_app() -> Quart:
    """Make the application; MODEL_URL says where the model is."""
    app = Quart(__name__)
    app.config["RESPONSE_TIMEOUT"] = None
    client = AsyncOpenAI(base_url=os.environ["MODEL_URL"], api_key="none", max_retries=0)

    @app.get("/")
    async def index() -> str:
        return "<form method=post action=/chat><input name=content></form>"

    @app.post("/chat")
    async def chat() -> Response:
        question = (await request.form)["content"]

        async def events() -> AsyncIterator[str]:
            stream = await client.chat.completions.create(
                model="scripted", messages=[{"role": "user", "content": question}], stream=True
            )
            async for chunk in stream:
                if chunk.choices and chunk.choices[0].delta.content:
                    yield f"data: {json.dumps(chunk.choices[0].delta.content)}\n\n"
            yield "event: done\ndata: done\n\n"

        return Response(events(), content_type="text/event-stream")

    return app
