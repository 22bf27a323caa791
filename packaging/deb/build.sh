#!/bin/sh
# Builds the Debian package: the program, what the program writes of itself (manual pages, completions), and the rest.
set -eu
cd "$(dirname "$0")/../.."
cargo build --locked --release
made=target/deb-assets
rm -rf "$made"
mkdir -p "$made/bash" "$made/zsh" "$made/fish"
target/release/claude-otel man "$made/man"
target/release/claude-otel completions bash > "$made/bash/claude-otel"
target/release/claude-otel completions zsh > "$made/zsh/_claude-otel"
target/release/claude-otel completions fish > "$made/fish/claude-otel.fish"
exec cargo deb --locked --no-build "$@"
