# What to do here: `uv run just` lists it.
default:
    @just --list

# For recipes that need the development tools, which are installed then and stay; the others do without.
dev := "uv run --group dev"

# Start Storekeeper and print its address
serve *arguments:
    @uv run python server.py serve {{arguments}}

# Make an account; the password is asked, or read from standard input
[no-exit-message]
add-user name *arguments:
    @uv run python server.py add-user {{name}} {{arguments}}

# Give a person a one-time password, printed; with --stdin that of standard input's first line
[no-exit-message]
reset-password name *arguments:
    @uv run python server.py reset-password {{name}} {{arguments}}

# Let a person in no more; their sessions end, their data stays
[no-exit-message]
disable name:
    @uv run python server.py disable {{name}}

# Let a person in again
[no-exit-message]
enable name:
    @uv run python server.py enable {{name}}

# Delete a person and all that is remembered of them; asks, unless --yes is said
[no-exit-message]
delete name *arguments:
    @uv run python server.py delete {{name}} {{arguments}}

# List the people: name, role, state, made, last seen
[no-exit-message]
list:
    @uv run python server.py list

# Print a link that makes one account: --days N
[no-exit-message]
invite *arguments:
    @uv run python server.py invite {{arguments}}

# Look through everybody's files; --repair puts right what can be without losing anything
[no-exit-message]
check-users *arguments:
    @uv run python server.py check-users {{arguments}}

# Ask each model a tiny question, and say what is wrong and what to write in settings.toml
[no-exit-message]
check-models:
    @uv run python server.py check-models

# Bring the catalogues of languages/ up to date with the code; `languages de` begins another one
languages *codes:
    @uv run python -m tests.catalogues {{codes}}

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

# All tests, three at a time since many wait, then a small comparison of models; with arguments only pytest, with them
test *arguments:
    {{dev}} pytest {{ if arguments == "" { "--numprocesses 3 --dist loadscope" } else { arguments } }}
    {{ if arguments == "" { dev + " python -m tests.comparison --small --minutes 3" } else { "" } }}

# Compare models as summarisers and answerers: --models a,b --dialogues FILE --prompt FILE --repeats N --turns N --json
[positional-arguments]
compare *arguments:
    @{{dev}} python -m tests.comparison "$@"

# What a token, a turn and a reader cost, measured here and now: --quick --only NAME --turns N
bench *arguments:
    @{{dev}} python -m tests.bench {{arguments}}

# Faults alone: kills at every change, full disks, several servers, nginx, backup
faults *arguments:
    {{dev}} pytest tests/faults tests/deploy {{arguments}}

# A thousand kills at random under a load of twenty people: --kills N --people N --seed N
kills *arguments:
    {{dev}} python -m tests.faults.kills {{arguments}}

# Half an hour of people and faults, and what the server holds then: --minutes N --people N
soak *arguments:
    {{dev}} python -m tests.faults.soak {{arguments}}

# 10,000 requests made by chance against a running server: none is its error. Another number and seed: fuzz 50000 8
fuzz count="10000" seed="7":
    STOREKEEPER_FUZZ={{count}} STOREKEEPER_SEED={{seed}} {{dev}} pytest tests/test_routes.py -k generated -s

# Common holes in the code, then known ones in what it is built on
audit:
    {{dev}} bandit -q -r -c pyproject.toml settings.py server.py commands.py memory completions handlers
    @echo "pip-audit asks a service on the network: of what it lists as not audited nothing is known."
    {{dev}} pip-audit --progress-spinner off

# Everything that must pass before a commit
check: lint types test
