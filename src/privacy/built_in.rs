//! The built-in rules: what providers' keys begin with, and the few ways of writing a password that are never prose.
//!
//! Each rule has words that a match cannot do without; only where one of them stands is its pattern tried. Patterns
//! know bytes, not Unicode, begin with the word, and hold the secret in their first group, if they have one.

use super::checks::{Check, Lead};

/// One built-in rule.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name, which stands in the place of what it takes away.
    pub id: &'static str,
    /// What it finds, for the documentation.
    pub finds: &'static str,
    pub(super) words: &'static [&'static str],
    pub(super) lead: Lead,
    pub(super) pattern: &'static str,
    pub(super) check: Check,
}

const fn key(id: &'static str, finds: &'static str, words: &'static [&'static str], pattern: &'static str) -> BuiltIn {
    BuiltIn { id, finds, words, lead: Lead::Edge, pattern, check: Check::None }
}

const fn assigned(
    id: &'static str,
    finds: &'static str,
    words: &'static [&'static str],
    pattern: &'static str,
    check: Check,
) -> BuiltIn {
    BuiltIn { id, finds, words, lead: Lead::Any, pattern, check }
}

/// All of them, in the order of the documentation; where two begin at one place, the first gives the name.
pub const BUILT_IN: &[BuiltIn] = &[
    assigned(
        "private-key",
        "PEM, OpenSSH and PGP private keys, to their end or the end of the text",
        &["-----BEGIN"],
        r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.)*?(?:-----END[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)",
        Check::None,
    ),
    key("anthropic-key", "Anthropic API, admin and OAuth keys", &["sk-ant-"], r"sk-ant-[A-Za-z0-9_-]{20,}"),
    key("langfuse-key", "Langfuse secret keys", &["sk-lf-"], r"sk-lf-[A-Za-z0-9-]{20,}"),
    key("openrouter-key", "OpenRouter keys", &["sk-or-"], r"sk-or-(?:v[0-9]-)?[A-Za-z0-9]{32,}"),
    key(
        "openai-key",
        "OpenAI keys, of users, projects, services and administrators, and of services that copy their form",
        &["sk-"],
        r"sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{32,})",
    ),
    key("aws-access-key", "AWS access key ids, long-lived and temporary", &["AKIA", "ASIA"], r"A[KS]IA[A-Z0-9]{16}\b"),
    assigned(
        "aws-secret-key",
        "AWS secret access keys where they are named",
        &["secret_access_key", "SECRET_ACCESS_KEY", "ecretAccessKey", "ecret access key"],
        r#"(?i:s?ecret[_ ]?access[_ ]?key)(?:["'\\]{0,3}\s{0,4}(?:=>|[:=])\s{0,4}|["'\\]{0,3}\s{1,4})["'\\]{0,3}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|\z)"#,
        Check::Digit,
    ),
    assigned(
        "aws-session-token",
        "AWS session tokens where they are named",
        &["session_token", "SESSION_TOKEN", "essionToken"],
        r#"(?i:s?ession_?token)["'\\]{0,3}\s{0,4}(?:=>|[:=])\s{0,4}["'\\]{0,3}([A-Za-z0-9/+=_-]{100,})"#,
        Check::Digit,
    ),
    key(
        "github-token",
        "GitHub tokens of users, apps and machines, classic and fine-grained",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"(?:gh[opurs]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    ),
    key(
        "gitlab-token",
        "GitLab tokens of users, runners, jobs and deployments",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "gloas-", "glsoat-", "glft-", "glagent-"],
        r"gl(?:pat|dt|rt|cbt|ptt|oas|soat|ft|agent)-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{2,}){0,3}",
    ),
    key(
        "slack-token",
        "Slack tokens of bots, users, apps and sessions",
        &["xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xoxc-", "xoxd-", "xapp-"],
        r"(?:xox[abcdeprs](?:\.xox[bp])?-[A-Za-z0-9%-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{20,})",
    ),
    assigned(
        "slack-webhook",
        "Slack webhook addresses",
        &["hooks.slack.com"],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_+-]{20,})",
        Check::None,
    ),
    key(
        "stripe-key",
        "Stripe secret and restricted keys and webhook secrets",
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"],
        r"(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})",
    ),
    key("google-api-key", "Google API keys", &["AIza"], r"AIza[A-Za-z0-9_-]{35}"),
    key(
        "google-oauth",
        "Google OAuth access tokens, refresh tokens and client secrets",
        &["ya29.", "1//0", "GOCSPX-"],
        r"(?:ya29\.[A-Za-z0-9_-]{20,}|1//0[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,})",
    ),
    assigned(
        "azure-key",
        "Azure storage and bus keys and signatures of shared addresses",
        &["AccountKey=", "SharedAccessKey=", "?sig=", "&sig="],
        r"(?:(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{43,}={1,2})|[?&]sig=([A-Za-z0-9%+/]{40,}(?:%3[Dd]|=)))",
        Check::None,
    ),
    key("npm-token", "npm access tokens", &["npm_"], r"npm_[A-Za-z0-9]{36}\b"),
    key("pypi-token", "PyPI upload tokens", &["pypi-AgE"], r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    key("docker-token", "Docker Hub access tokens", &["dckr_pat_", "dckr_oat_"], r"dckr_[op]at_[A-Za-z0-9_-]{20,}"),
    key("hugging-face-token", "Hugging Face tokens", &["hf_"], r"hf_[A-Za-z0-9]{30,}"),
    key("databricks-token", "Databricks tokens", &["dapi"], r"dapi[0-9a-f]{32}(?:-[0-9]{1,2})?\b"),
    key("sendgrid-key", "SendGrid keys", &["SG."], r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,}"),
    key("twilio-key", "Twilio API keys", &["SK"], r"SK[0-9a-f]{32}\b"),
    key("mailgun-key", "Mailgun keys", &["key-"], r"key-[0-9a-f]{32}\b"),
    BuiltIn {
        id: "telegram-token",
        finds: "Telegram bot tokens",
        words: &[":AA"],
        lead: Lead::Digits(8),
        pattern: r"[0-9]{8,20}:AA[A-Za-z0-9_-]{32,34}(?:[^A-Za-z0-9_-]|\z)",
        check: Check::None,
    },
    assigned(
        "discord-token",
        "Discord webhook addresses, and bot tokens where they are named",
        &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "discord_", "DISCORD_", "discordToken"],
        r#"(?:discord(?:app)?\.com/api/webhooks/[0-9]{15,22}/([A-Za-z0-9_-]{40,})|(?i:discord_?(?:bot_?)?token)["'\\]{0,3}\s{0,4}[:=]\s{0,4}["'\\]{0,3}([A-Za-z0-9_-]{20,30}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}))"#,
        Check::None,
    ),
    key(
        "shopify-token",
        "Shopify tokens and shared secrets",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    ),
    key("digitalocean-token", "DigitalOcean tokens", &["dop_v1_", "doo_v1_", "dor_v1_"], r"do[opr]_v1_[0-9a-f]{64}"),
    assigned(
        "heroku-key",
        "Heroku keys, by their form or where they are named",
        &["HRKU-", "HEROKU_API_KEY", "heroku_api_key"],
        r#"(?:HRKU-[A-Za-z0-9_-]{30,}|(?i:heroku_api_key)["'\\]{0,3}\s{0,4}[:=]\s{0,4}["'\\]{0,3}([0-9a-fA-F]{8}-[0-9a-fA-F-]{27}))"#,
        Check::None,
    ),
    key(
        "linear-key",
        "Linear keys and OAuth tokens",
        &["lin_api_", "lin_oauth_"],
        r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}",
    ),
    key("notion-token", "Notion tokens", &["ntn_", "secret_"], r"(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}\b)"),
    key(
        "honeycomb-key",
        "Honeycomb keys",
        &["hcaik_", "hcaic_", "hcxik_", "hcxmk_", "hcamk_", "hcbik_", "hcblk_"],
        r"hc[abx][iml][ck]_[A-Za-z0-9]{26,}",
    ),
    key("logfire-token", "Logfire tokens", &["pylf_"], r"pylf_v[0-9]{1,2}_(?:[a-z]{2}_)?[A-Za-z0-9]{30,}"),
    key("sentry-token", "Sentry tokens", &["sntrys_", "sntryu_"], r"sntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    key(
        "grafana-token",
        "Grafana tokens",
        &["glc_", "glsa_"],
        r"(?:glc_[A-Za-z0-9+/]{32,}={0,2}|glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8})",
    ),
    key("vault-token", "Vault tokens", &["hvs.", "hvb.", "hvr."], r"hv[brs]\.[A-Za-z0-9_-]{24,}"),
    key("jwt", "JSON web tokens", &["eyJ"], r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    assigned(
        "authorization",
        "the value of an authorization header, and bearer tokens",
        &["uthorization", "UTHORIZATION", "Bearer ", "bearer "],
        r#"(?:(?i:uthorization)["'\\]{0,3}\s{0,4}[:=]\s{0,4}["'\\]{0,3}(?i:bearer|basic|token|bot|apikey)\s{1,4}|[Bb]earer )([A-Za-z0-9._~+/:=-]{12,})"#,
        Check::Digit,
    ),
    assigned(
        "url-password",
        "passwords in addresses (`scheme://user:password@host`), those of Sentry included",
        &["://"],
        r#"://[^\s/?#@:"'<>\\]{0,128}:([^\s/?#@"'<>\\]{3,256})@[A-Za-z0-9\[]"#,
        Check::Value,
    ),
    assigned(
        "password",
        "passwords in assignments, flags, forms and JSON, where the value has a digit or a mark",
        &["assword", "ASSWORD", "asswd", "ASSWD", "assphrase", "ASSPHRASE"],
        r#"(?i:asswo?r?d|assphrase)(?:["'\\]{0,3}\s{0,4}(?:=>|:=|[:=])\s{0,4}["'\\]{1,3}([^\s"'\\]{6,256})["'\\]|=([^\s"'\\,;&)}(<>]{6,256}))"#,
        Check::Password,
    ),
    assigned(
        "named-key",
        "keys, secrets and tokens in assignments, where the value is as random as keys are",
        &[
            "api_key",
            "API_KEY",
            "apiKey",
            "apikey",
            "secret_key",
            "SECRET_KEY",
            "secretKey",
            "client_secret",
            "CLIENT_SECRET",
            "clientSecret",
            "access_token",
            "ACCESS_TOKEN",
            "accessToken",
            "auth_token",
            "AUTH_TOKEN",
            "authToken",
            "private_token",
            "refresh_token",
            "refreshToken",
            "_TOKEN",
            "_SECRET",
            "x-api-key",
            "X-Api-Key",
        ],
        r#"[A-Za-z_-]{5,13}["'\\]{0,3}\s{0,4}(?:=>|:=|[:=])\s{0,4}["'\\]{0,3}([A-Za-z0-9_.+/=-]{20,512})"#,
        Check::Random,
    ),
];

#[cfg(test)]
#[path = "built_in_tests.rs"]
mod tests;
