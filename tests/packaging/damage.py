"""Damages files one by one: a check that lets the damage pass checks nothing."""

import shutil
import tempfile
from pathlib import Path

from common import Packaging, problems_of

# File, text, what it becomes, and the check that has to notice.
DAMAGES = [
    ("systemd/user/claude-otel.service", "NoNewPrivileges=", "NoNewPrivilege=", "units.verified"),
    ("systemd/user/claude-otel-reexport.timer", "[Timer]", "[Timers]", "units.verified"),
    ("systemd/system/claude-otel@.service", "ProtectSystem=strict", "ProtectSystem=strictly", "units.verified"),
    ("systemd/system/client-certificate.conf", "LoadCredential=client-key:", "LoadCredentials=client-key:", "units.verified"),
    ("systemd/system/only-transcripts.conf", "ProtectHome=tmpfs", "ProtectHomes=tmpfs", "units.verified"),
    ("systemd/system/claude-otel-reexport@.service", "ProtectKernelModules=true\n", "", "units.confined"),
    ("systemd/user/claude-otel-reexport.service", "SystemCallFilter=@system-service\n", "", "units.confined"),
    ("systemd/system/claude-otel@.service", "CapabilityBoundingSet=\n", "", "units.confined"),
    ("systemd/system/claude-otel@.service", "TimeoutStopSec=30", "TimeoutStopSec=10", "units.services"),
    ("systemd/user/claude-otel.service", "Type=notify", "Type=simple", "units.services"),
    ("systemd/user/claude-otel.service", "ExitStatus=2 3", "ExitStatus=2", "units.services"),
    ("systemd/user/claude-otel.service", "UMask=0077", "UMask=0077\nPrivateTmp=true", "units.services"),
    ("systemd/system/claude-otel@.service", "XDG_STATE_HOME=%S/", "XDG_STATE_HOME=/var/tmp/", "units.services"),
    ("systemd/system/claude-otel-reexport@.service", "User=%i\n", "User=%i\nRemoveIPC=true\n", "units.services"),
    ("systemd/user/claude-otel-reexport.timer", "03:17:00 UTC", "03:77:00 UTC", "units.timers"),
    ("systemd/system/claude-otel-reexport@.timer", "03:17:00 UTC", "03:17:00", "units.timers"),
    ("systemd/user/claude-otel-reexport.service", "--since 25h", "--since 24h", "units.timers"),
    ("launchd/claude-otel.watch.plist", "</dict>\n</plist>", "</plist>", "launchd.property_lists"),
    ("launchd/claude-otel.watch.plist", "ThrottleInterval", "ThrottleInterva", "launchd.property_lists"),
    ("launchd/claude-otel.reexport.plist", "<integer>30</integer>", "<integer>10</integer>", "launchd.property_lists"),
    ("launchd/claude-otel.reexport.plist", '|| . "$settings"', '|| . "$settings', "launchd.property_lists"),
    ("launchd/claude-otel.reexport.plist", "--since 26h", "--since 25h", "launchd.property_lists"),
    ("cron/claude-otel.crontab", "17 3 * * *", "17 24 * * *", "cron.crontab"),
    ("cron/claude-otel.crontab", "*/5 * * * *", "*/5 * * *", "cron.crontab"),
    ("cron/claude-otel.crontab", "logger -t", "logger -t %", "cron.crontab"),
    ("cron/claude-otel.crontab", "watch --once", "watch", "cron.crontab"),
    ("docker/Dockerfile", "USER 65532:65532", "USER nobody", "container.dockerfile"),
    ("docker/Dockerfile", 'ENTRYPOINT ["/claude-otel"]', "ENTRYPOINT /claude-otel", "container.dockerfile"),
    ("docker/Dockerfile", "COPY --from=build /out/claude-otel", "COPY --from=builder /out/claude-otel", "container.dockerfile"),
    ("docker/Dockerfile", "RUST_VERSION=1.95", "RUST_VERSION=1.9", "container.dockerfile"),
    ("docker/Dockerfile", "WORKDIR /src", "WORKDIR src", "container.hadolint"),
    ("docker/Dockerfile.dockerignore", "!src\n", "!src\n!fixtures\n", "container.context"),
    ("kubernetes/sidecar.yaml", "readOnlyRootFilesystem:", "readonlyRootFilesystem:", "manifests.schema"),
    ("kubernetes/sidecar.yaml", "  restartPolicy: Always", "  restartPolicies: Always", "manifests.schema"),
    ("kubernetes/backfill-job.yaml", "  completions: 8\n", "  completions: 8\n  completions: 8\n", "manifests.schema"),
    ("kubernetes/sidecar.yaml", "mountPath: /transcripts\n          subPath", "mountPath: /transcript\n          subPath", "manifests.pods"),
    ("kubernetes/backfill-job.yaml", "  completions: 8", "  completions: 9", "manifests.pods"),
    ("kubernetes/backfill-job.yaml", "image: claude-otel:", "image: claude-otel:9", "manifests.pods"),
    ("kubernetes/reexport-cronjob.yaml", "startingDeadlineSeconds: 1800", "startingDeadlineSeconds: 7200", "manifests.pods"),
    ("../Cargo.toml", '"packaging/cron/', '"packaging/crons/', "debian.metadata"),
    ("../Cargo.toml", '["packaging/systemd/system/*.timer"', '["packaging/systemd/user/*.timer"', "debian.units"),
    ("deb/build.sh", "completions zsh", "completions fish", "debian.made"),
    ("deb/changelog", "0.1.0-1", "0.0.9-1", "debian.changelog"),
    ("deb/changelog", " -- The", "-- The", "debian.parsed_changelog"),
    ("../README.md", "docs/tutorial.md", "docs/tutorials.md", "pages.linked"),
    ("../docs/index.md", "deployment.md#launchd", "deployment.md#launch", "pages.linked"),
    ("../docs/troubleshooting.md", "`--old-data send`", "`--old-date send`", "pages.known"),
    ("../docs/how-to/ci.md", "claude-otel backfill --finish", "claude-otel backfill --finnish", "pages.known"),
    ("dashboards/usage.json", '"unit": "currencyUSD"', '"unit": "currencyEUR"', "dashboards.current"),
    ("dashboards/build.py", '"Tokens", COUNT', '"Token", COUNT', "dashboards.current"),
    ("dashboards/cache.json", '"uid": "claude-otel-cache"', '"uid": "claude-otel-tools"', "dashboards.described"),
    ("dashboards/cache.json", '"id": null', '"id": 7', "dashboards.described"),
    ("dashboards/health.json", '"name": "window"', '"name": "windows"', "dashboards.described"),
    ("dashboards/tools.json", '"unit": "percentunit"', '"unit": ""', "dashboards.described"),
    ("dashboards/tools.json", '{{gen_ai_tool_name}}', '{{tool_name}}', "dashboards.described"),
    ("dashboards/usage.json", '"uid": "${datasource}"', '"uid": "prometheus"', "dashboards.described"),
    ("dashboards/latency.json", '"y": 1', '"y": 2', "dashboards.described"),
    ("dashboards/tools.json", "sum(increase(claude_code_tool_calls_total", "sum(increase(claude_code_tools_calls_total", "dashboards.known_names"),
    ("dashboards/tools.json", "by (gen_ai_tool_name)", "by (tool)", "dashboards.known_names"),
    ("dashboards/cache.json", "result=", "results=", "dashboards.known_names"),
    ("dashboards/health.json", "min(claude_otel_ready_ratio", "min((claude_otel_ready_ratio", "dashboards.known_names"),
    ("dashboards/usage.json", "label_values(claude_code_llm_calls_total", "label_values(claude_llm_calls_total", "dashboards.known_names"),
    ("dashboards/alerts.yaml", "days_left=~", "days=~", "alerts.known_names"),
    ("../docs/telemetry.md", "`claude_code.llm.calls` | counter", "`claude_code.llm.calls` | gauge", "dashboards.known_names"),
    ("dashboards/alerts.yaml", "severity: critical", "severity:", "alerts.explained"),
    ("dashboards/alerts.test.yaml", "alertname: ClaudeCostPerDay\n", "alertname: Other\n", "alerts.explained"),
    ("dashboards/alerts.yaml", "> 900", "> 90000", "alerts.raised"),
    ("dashboards/alerts.yaml", "[0-3]", "[0-9]+", "alerts.raised"),
    ("dashboards/alerts.yaml", "and sum by (gen_ai_tool_name) (increase(claude_code_tool_calls_total[1h])) >= 20", "", "alerts.raised"),
]


def unnoticed(packaging, checks):
    """Every damage that its check does not notice, among the checks that can be made here."""
    by_name = {f"{check.__module__}.{check.__name__}": check for check in checks}
    made = [damage for damage in DAMAGES if damage[3] in by_name]
    passed = [f"{name}: {old!r} -> {new!r} is not noticed by {check}" for name, old, new, check in made
              if not noticed(packaging, name, old, new, by_name[check])]
    untested = [f"{name}: no damage is made for it" for name in by_name if name not in {check for *_, check in DAMAGES}]
    print(f"{len(made)} of {len(DAMAGES)} damages made, {len(made) - len(passed)} noticed")
    for problem in passed + untested:
        print(f"          {problem}")
    return passed + untested


def noticed(packaging, name, old, new, check):
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        shutil.copytree(packaging.folder, copy / "packaging")
        for file in ("Cargo.toml", "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "docs"):
            source = packaging.repository / file
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / file)
        path = copy / "packaging" / name
        text = path.read_text()
        if old not in text:
            return False
        path.write_text(text.replace(old, new, 1))
        return bool(problems_of(check, Packaging(copy)))
