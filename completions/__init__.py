"""Everything asked of a model. The openai client is imported in completions.client only."""
