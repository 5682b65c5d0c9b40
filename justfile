# `uv run just` lists the recipes.
default:
    @just --list

# For recipes that need the development tools, which are installed then and stay; the others do without. Python keeps what it
# compiles, whatever the environment says: the tests start it hundreds of times, each of which would compile for 0.9 s.
dev := "PYTHONDONTWRITEBYTECODE= uv run --group dev"

# Of all tests: more processes than processors, because many tests wait.
parallel := "--numprocesses 4 --dist loadscope --no-loadscope-reorder"

# Start Storekeeper and print its address
serve *arguments:
    @uv run python server.py serve {{arguments}}

# Create an account; asks for the password, or reads it from standard input
[no-exit-message]
add-user name *arguments:
    @uv run python server.py add-user {{name}} {{arguments}}

# Set a temporary password and print it; with --stdin, set the one on the first line of standard input
[no-exit-message]
reset-password name *arguments:
    @uv run python server.py reset-password {{name}} {{arguments}}

# Disable an account: logged out everywhere, data kept
[no-exit-message]
disable name:
    @uv run python server.py disable {{name}}

# Enable an account again
[no-exit-message]
enable name:
    @uv run python server.py enable {{name}}

# Permanently delete an account and all its data; asks first unless --yes is given
[no-exit-message]
delete name *arguments:
    @uv run python server.py delete {{name}} {{arguments}}

# List accounts: name, role, state, created, last seen
[no-exit-message]
list:
    @uv run python server.py list

# Print an invitation link for one account: --days N
[no-exit-message]
invite *arguments:
    @uv run python server.py invite {{arguments}}

# Print the answer that a customer would get: QUESTION --language pt-BR --json; --tests asks the test questions
[no-exit-message]
[positional-arguments]
ask *arguments:
    @uv run python server.py ask "$@"

# Write a large catalogue for trying things out, always the same: demo-catalogue 5000 DIRECTORY --language pt
[no-exit-message]
demo-catalogue count="5000" folder="demo-store" *arguments:
    @uv run python -m shop.demonstration {{count}} {{folder}} {{arguments}}

# Check the files of all accounts; --repair repairs what it can without losing data
[no-exit-message]
check-users *arguments:
    @uv run python server.py check-users {{arguments}}

# Ask each model a tiny question; print what is wrong and what to write in settings.toml
[no-exit-message]
check-models:
    @uv run python server.py check-models

# Report what is read of prompts/store: products, what is left out and why, doubts; --json
[no-exit-message]
shop *arguments:
    @uv run python server.py shop {{arguments}}

# Update the catalogues in languages/ from the code; `languages de` adds another language
languages *codes:
    @uv run python -m languages.update {{codes}}

# Print the version
version:
    @uv run python server.py --version

# Style and common mistakes
lint:
    {{dev}} ruff check .
    {{dev}} ruff format --check .

# Types, strictly
types:
    {{dev}} mypy .

# All tests, four at a time because many wait, then a small model comparison; arguments go to pytest alone
test *arguments:
    {{dev}} pytest {{ if arguments == "" { parallel } else { arguments } }}
    {{ if arguments == "" { dev + " python -m tests.comparison --small --minutes 3" } else { "" } }}

# Compare models as summarisers and as assistants: --models a,b --dialogues FILE --prompt FILE --repeats N --turns N --json
[positional-arguments]
compare *arguments:
    @{{dev}} python -m tests.comparison "$@"

# Measure on this machine what a token, a turn and a reader cost: --quick --only NAME --turns N
bench *arguments:
    @{{dev}} python -m tests.bench {{arguments}}

# Only the fault tests: kills at every change, full disks, several servers, nginx, backup
faults *arguments:
    {{dev}} pytest tests/faults tests/deploy {{arguments}}

# A thousand random kills under a load of twenty customers: --kills N --people N --seed N
kills *arguments:
    {{dev}} python -m tests.faults.kills {{arguments}}

# Half an hour of load and faults, and what the server uses then: --minutes N --people N
soak *arguments:
    {{dev}} python -m tests.faults.soak {{arguments}}

# 10,000 random requests to a running server, which must not fail. Another number and seed: fuzz 50000 8
fuzz count="10000" seed="7":
    STOREKEEPER_FUZZ={{count}} STOREKEEPER_SEED={{seed}} {{dev}} pytest tests/test_routes.py -k generated -s

# Common security faults in the code, then known ones in its dependencies
audit:
    {{dev}} bandit -q -r -c pyproject.toml addresses.py brand.py settings.py server.py commands.py shop memory completions handlers
    @echo "pip-audit asks an online service; packages listed as not audited were not checked."
    {{dev}} pip-audit --progress-spinner off

# Everything that must pass before a commit
check: lint types test
