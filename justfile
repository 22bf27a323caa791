# Sugar over cargo and .ci/run; nothing here is the only way.

# everything that has to be true before a commit
check:
    .ci/run

# all tests
test *arguments:
    cargo test --locked {{arguments}}

# accept the changed snapshots after reading the difference
bless:
    INSTA_UPDATE=always cargo test --locked
    git diff --stat -- '*.snap'

# rebuild the sample transcripts into target/demo
demo:
    cargo run --release -- backfill --root fixtures/sample --otlp-file target/demo

# the library's pages
docs:
    RUSTDOCFLAGS=-Dwarnings cargo doc --locked --no-deps --open

# the program as it is shipped
release:
    cargo build --locked --release
