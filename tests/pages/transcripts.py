"""Makes transcripts to open as pages: as long as one likes, the same every time, and one full of markup."""

import datetime
import json
import random
import uuid

BEGIN = datetime.datetime(2026, 10, 12, 9, 4, 11, tzinfo=datetime.timezone.utc)
MAIN, QUICK = "claude-opus-5-5", "claude-haiku-5-5"
PROMPTS = [
    "Orders with two vouchers are charged twice; find out why and fix it.", "Run the tests again, the last one looks flaky.",
    "Add the currency to the invoice's footer.", "Why does the import take so long? Measure first.",
    "Write the migration for the new address table.", "Look at the open review and answer the remarks.",
    "The search page forgets its filters when one goes back.", "Rename Basket to Cart everywhere, tests too.",
    "Bring the changelog up to date.", "Make the nightly export resumable.",
]
COMMANDS = ["cargo test cart", "cargo clippy --all-targets", "git diff --stat", "git log --oneline -12", "npm run build",
            "rg -n 'fn total' src", "cargo test --test invoices", "docker compose up -d database", "make lint"]
FILES = ["src/cart.rs", "src/invoice.rs", "src/voucher.rs", "src/search/filters.rs", "web/pages/checkout.ts",
         "migrations/0042_addresses.sql", "tests/cart.rs", "CHANGELOG.md"]
ANSWERS = ["The voucher is applied in two places.", "I read the test first.", "That is the slow part: one query for each line.",
           "Done; all tests pass.", "The filter is kept in the address now.", "Two callers are left.", "It fails as you say."]
TASKS = ["Find all callers of total()", "Review the migration", "Measure the import", "Read the old exporter"]


class Transcript:
    """The lines of one session and of its agents, with a clock that goes on by itself."""

    def __init__(self, seed, project="bookshop"):
        self.dice = random.Random(seed)
        self.now = BEGIN + datetime.timedelta(days=seed % 7)
        self.session = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        self.cwd, self.branch, self.project = f"/home/mira/{project}", "voucher-totals", project
        self.files = {f"{self.session}.jsonl": []}
        self.main = self.file = f"{self.session}.jsonl"
        self.above, self.spans, self.context = None, 0, 14_000

    def write(self, root):
        folder = root / f"-home-mira-{self.project}"
        for name, lines in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            text = lines if isinstance(lines, str) else "".join(json.dumps(line) + "\n" for line in lines)
            (folder / name).write_text(text)
        return self.session

    def wait(self, least, most):
        self.now += datetime.timedelta(milliseconds=self.dice.randint(int(least * 1000), int(most * 1000)))

    def line(self, **facts):
        line = {"parentUuid": self.above, "isSidechain": self.file != self.main, **facts,
                "uuid": str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
                "timestamp": self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "entrypoint": "cli",
                "cwd": self.cwd, "sessionId": self.session, "version": "2.1.330", "gitBranch": self.branch}
        if self.file != self.main:
            line["agentId"] = self.file.split("agent-")[1].removesuffix(".jsonl")
        self.above = line["uuid"]
        self.files[self.file].append(line)

    def prompt(self, text):
        self.line(type="user", message={"role": "user", "content": text}, promptSource="typed", turnOrigin="human",
                  permissionMode="default")
        self.spans += 1

    def answer(self, content, stop, model=MAIN):
        number = f"{self.dice.getrandbits(64):016x}"
        fresh = self.dice.randint(180, 2600)
        usage = {"input_tokens": self.dice.randint(4, 700), "cache_creation_input_tokens": fresh,
                 "cache_read_input_tokens": self.context if model == MAIN else self.dice.randint(0, 9000),
                 "output_tokens": self.dice.randint(40, 900)}
        if model == MAIN:
            self.context += fresh
        self.line(type="assistant", requestId=f"req_{number}", message={"id": f"msg_{number}", "type": "message", "role": "assistant",
                  "model": model, "content": content, "stop_reason": stop, "usage": usage})
        self.spans += 1

    def result(self, call, text, is_error=False, **facts):
        self.line(type="user", message={"role": "user", "content": [
            {"tool_use_id": call, "type": "tool_result", "content": text, "is_error": is_error}]}, **facts)
        self.spans += 1

    def call(self, name, given):
        return {"type": "tool_use", "id": f"toolu_{self.dice.getrandbits(64):016x}", "name": name, "input": given}

    def step(self, model=MAIN):
        """A response that calls one to three tools, and their results."""
        self.wait(0.8, 7)
        calls = [self.call(*self.dice.choice([
            ("Bash", {"command": self.dice.choice(COMMANDS)}), ("Read", {"file_path": f"{self.cwd}/{self.dice.choice(FILES)}"}),
            ("Grep", {"pattern": "total", "path": "src"}), ("Edit", {"file_path": f"{self.cwd}/{self.dice.choice(FILES)}", "old_string": "a", "new_string": "b"}),
            ("Bash", {"command": self.dice.choice(COMMANDS)})])) for _ in range(self.dice.choice([1, 1, 1, 2, 3]))]
        self.answer([{"type": "text", "text": self.dice.choice(ANSWERS)}, *calls], "tool_use", model)
        for call in calls:
            self.wait(*((0.5, 24) if call["name"] == "Bash" else (0.02, 0.4)))
            failed = self.dice.random() < 0.07
            self.result(call["id"], "error: one test failed" if failed else "ok", failed)

    def agent(self):
        task = self.dice.choice(TASKS)
        call = self.call("Agent", {"description": task, "prompt": task + ", and say where.", "subagent_type": "Explore"})
        self.wait(1, 4)
        self.answer([call], "tool_use")
        name = f"a{self.dice.getrandbits(60):015x}"
        above, self.above, self.file = self.above, None, f"{self.session}/subagents/agent-{name}.jsonl"
        self.files[self.file] = []
        self.files[self.file.replace(".jsonl", ".meta.json")] = json.dumps(
            {"agentType": "Explore", "description": task, "toolUseId": call["id"], "spawnDepth": 1})
        self.line(type="user", message={"role": "user", "content": task + ", and say where."})
        for _ in range(self.dice.randint(2, 5)):
            self.step(QUICK)
        self.wait(1, 4)
        self.answer([{"type": "text", "text": "Four places, all in src."}], "end_turn", QUICK)
        self.file, self.above = self.main, above
        self.spans += 1
        self.wait(0.05, 0.2)
        self.result(call["id"], [{"type": "text", "text": "Four places, all in src."}],
                    toolUseResult={"status": "completed", "agentId": name, "agentType": "Explore"})

    def turn(self, steps, with_agent=False):
        self.prompt(self.dice.choice(PROMPTS))
        for step in range(steps):
            self.step()
            if with_agent and step == steps // 2:
                self.agent()
            if self.context > 150_000:
                self.compaction()
        self.wait(1, 6)
        self.answer([{"type": "text", "text": self.dice.choice(ANSWERS)}], "end_turn")
        self.wait(20, 400) if self.dice.random() < 0.8 else self.wait(3600, 40_000)

    def compaction(self):
        self.wait(5, 9)
        self.line(type="system", subtype="compact_boundary", content="Conversation compacted", isMeta=False,
                  compactMetadata={"trigger": "auto", "preTokens": self.context, "postTokens": 12_000, "durationMs": 6200})
        self.context = 12_000
        self.spans += 1


def long(spans, seed=1, project="bookshop"):
    """A session of about so many spans."""
    made = Transcript(seed, project)
    made.files[made.main].append({"type": "ai-title", "aiTitle": "Vouchers that are charged twice", "sessionId": made.session})
    while made.spans < spans:
        made.turn(made.dice.randint(1, 14), made.dice.random() < 0.3)
    return made


# Each breaks out of another place: of a block, of a tag, of a quoted value, of a line, of the order of writing.
HOSTILE = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>", "\"'><svg onload=alert(3)>", "<!--<script>",
           "]]></style><style>*{display:none}</style>", "\u202egnirts\u202c", "a\u0000b\u001b[31mred\u2028\u2029", "${alert(4)}`", "&lt;b&gt;"]


def hostile():
    """A session whose every name and text is one of these."""
    made = Transcript(5, "markup")
    made.cwd, made.branch = "/home/mira/<img src=x onerror=alert(5)>", "</script><script>alert(6)</script>"
    made.files[made.main].append({"type": "ai-title", "aiTitle": " ".join(HOSTILE), "sessionId": made.session})
    for evil in HOSTILE:
        made.prompt(evil)
        call = made.call(f"Tool{evil}", {"command": evil, "file_path": f"/tmp/{evil}", "description": evil})
        made.wait(1, 2)
        made.answer([{"type": "text", "text": evil}, call], "tool_use", f"claude-{evil}")
        made.wait(1, 2)
        made.result(call["id"], evil, True)
        made.wait(1, 2)
        made.answer([{"type": "text", "text": evil}], "end_turn", f"claude-{evil}")
        made.wait(50, 60)
    return made
