# Sugar over cargo and .ci/run; nothing here is the only way.

# everything that has to be true before a commit
check:
    .ci/run

# all tests
test *arguments:
    cargo test --locked {{arguments}}

# kill the watcher so many times while it follows, and compare with a run over everything; CLAUDE_OTEL_LAB=DIR adds the
# recorded runs in DIR/*/*/transcripts, CLAUDE_OTEL_TORTURE_SEED=N begins with other ones
torture kills="500":
    CLAUDE_OTEL_TORTURE_KILLS={{kills}} cargo test --locked --test it torture:: -- --nocapture

# accept the changed snapshots after reading the difference
bless:
    INSTA_UPDATE=always cargo test --locked
    git diff --stat -- '*.snap'

# accept the changed help texts into docs/cli.md
bless-docs:
    UPDATE_DOCS=1 cargo test --locked --test it docs
    git diff --stat -- docs

# use the pages in a headless Chromium, where there is one; --pictures docs/pictures takes those of the documentation
pages *arguments:
    cargo build --locked
    python3 tests/pages/check.py {{arguments}}

# compare with real receivers (installs them into a folder of its own)
receivers *arguments: release
    python3 tests/receivers/compare.py {{arguments}}

# measure whole runs over a generated gigabyte; `just bench --bytes 100M --runs 3` takes less
bench *arguments:
    cargo bench --locked --bench whole -- {{arguments}}

# measure everything and put it into docs/performance.md; wants perf and inferno for the flame graph
bench-docs *arguments:
    python3 tests/bench/refresh.py {{arguments}}

# rebuild the sample transcripts into target/demo
demo:
    cargo run --release -- backfill --root fixtures/sample --otlp-file target/demo --finish --tree

# the library's pages
docs:
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps --open

# the program as it is shipped
release:
    cargo build --locked --release
