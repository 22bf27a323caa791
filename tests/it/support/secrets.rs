//! Secrets of every kind that the built-in rules know, made up at run time so that no scanner trips over this file.

/// A secret as it stands in a text.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    /// The rule that finds it.
    pub(crate) rule: &'static str,
    /// The text that it stands in.
    pub(crate) text: String,
    /// The part that must not leave.
    pub(crate) secret: String,
}

/// Letters and digits that look random and are the same every time. Every one has a digit among its first ten.
fn filler(alphabet: &str, length: usize, seed: u64) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[(state >> 33) as usize % letters.len()]
    };
    (0..length).map(|place| if place % 10 == 4 { '7' } else { next() }).collect()
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// At least one secret for every rule and for every form that a rule knows.
pub(crate) fn planted() -> Vec<Planted> {
    let mut all = Vec::new();
    let mut seed = 1;
    let mut fill = |alphabet: &str, length: usize| {
        seed += 1;
        filler(alphabet, length, seed)
    };
    let mut bare = |rule, parts: &[&str]| {
        let secret = parts.concat();
        all.push(Planted { rule, text: secret.clone(), secret });
    };
    bare("anthropic-key", &["sk-", "ant-api03-", &fill(ALNUM, 40), "-", &fill(ALNUM, 30), "AA"]);
    bare("anthropic-key", &["sk-", "ant-oat01-", &fill(ALNUM, 60)]);
    bare("langfuse-key", &["sk-", "lf-", &fill(HEX, 8), "-", &fill(HEX, 4), "-", &fill(HEX, 4), "-", &fill(HEX, 12)]);
    bare("openrouter-key", &["sk-", "or-v1-", &fill(HEX, 64)]);
    bare("openai-key", &["sk-", &fill(ALNUM, 48)]);
    bare("openai-key", &["sk-", "proj-", &fill(ALNUM, 40), "_", &fill(ALNUM, 40)]);
    bare("openai-key", &["sk-", "svcacct-", &fill(ALNUM, 60)]);
    bare("aws-access-key", &["AK", "IA", &fill(UPPER, 16)]);
    bare("aws-access-key", &["AS", "IA", &fill(UPPER, 16)]);
    for prefix in ["p", "o", "u", "s", "r"] {
        bare("github-token", &["gh", prefix, "_", &fill(ALNUM, 36)]);
    }
    bare("github-token", &["github", "_pat_", &fill(ALNUM, 22), "_", &fill(ALNUM, 59)]);
    bare("gitlab-token", &["gl", "pat-", &fill(ALNUM, 20)]);
    bare("gitlab-token", &["gl", "rt-", &fill(ALNUM, 24)]);
    for kind in ["b", "p", "a", "r"] {
        bare("slack-token", &["xo", "x", kind, "-", &fill("0123456789", 12), "-", &fill(ALNUM, 24)]);
    }
    bare("slack-token", &["xa", "pp-1-", &fill(UPPER, 11), "-", &fill("0123456789", 13), "-", &fill(HEX, 64)]);
    bare("stripe-key", &["sk", "_live_", &fill(ALNUM, 24)]);
    bare("stripe-key", &["rk", "_live_", &fill(ALNUM, 24)]);
    bare("stripe-key", &["wh", "sec_", &fill(ALNUM, 32)]);
    bare("google-api-key", &["AI", "za", &fill(ALNUM, 35)]);
    bare("google-oauth", &["ya", "29.", &fill(ALNUM, 60)]);
    bare("google-oauth", &["GOC", "SPX-", &fill(ALNUM, 28)]);
    bare("npm-token", &["np", "m_", &fill(ALNUM, 36)]);
    bare("pypi-token", &["py", "pi-AgE", &fill(ALNUM, 80)]);
    bare("docker-token", &["dckr", "_pat_", &fill(ALNUM, 27)]);
    bare("hugging-face-token", &["h", "f_", &fill(ALNUM, 34)]);
    bare("databricks-token", &["da", "pi", &fill(HEX, 32)]);
    bare("sendgrid-key", &["S", "G.", &fill(ALNUM, 22), ".", &fill(ALNUM, 43)]);
    bare("twilio-key", &["S", "K", &fill(HEX, 32)]);
    bare("mailgun-key", &["ke", "y-", &fill(HEX, 32)]);
    bare("telegram-token", &[&fill("123456789", 10), ":A", "A", &fill(ALNUM, 33)]);
    bare("shopify-token", &["shp", "at_", &fill(HEX, 32)]);
    bare("digitalocean-token", &["dop", "_v1_", &fill(HEX, 64)]);
    bare("heroku-key", &["HR", "KU-", &fill(ALNUM, 40)]);
    bare("linear-key", &["lin", "_api_", &fill(ALNUM, 40)]);
    bare("notion-token", &["nt", "n_", &fill(ALNUM, 46)]);
    bare("notion-token", &["sec", "ret_", &fill(ALNUM, 43)]);
    bare("honeycomb-key", &["hca", "ik_", &fill(ALNUM, 58)]);
    bare("logfire-token", &["py", "lf_v1_eu_", &fill(ALNUM, 43)]);
    bare("sentry-token", &["snt", "rys_", &fill(ALNUM, 80)]);
    bare("grafana-token", &["gl", "sa_", &fill(ALNUM, 32), "_", &fill(HEX, 8)]);
    bare("grafana-token", &["gl", "c_", &fill(ALNUM, 60)]);
    bare("vault-token", &["hv", "s.", &fill(ALNUM, 90)]);
    bare("jwt", &["ey", "J", &fill(ALNUM, 20), ".ey", "J", &fill(ALNUM, 40), ".", &fill(ALNUM, 43)]);
    let mut within = |rule, before: &str, secret: String, after: &str| {
        all.push(Planted { rule, text: format!("{before}{secret}{after}"), secret });
    };
    let key = |kind: &str, body: String| {
        format!("-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----")
    };
    within("private-key", "", key("RSA ", fill(ALNUM, 200)), "");
    within("private-key", "{\"private_key\": \"", key("", fill(ALNUM, 120)).replace('\n', "\\n"), "\\n\"}");
    within(
        "private-key",
        "cut off: ",
        key("OPENSSH ", fill(ALNUM, 90)).replace("\n-----END OPENSSH PRIVATE KEY-----", ""),
        "",
    );
    within("aws-secret-key", "aws_secret_access_key = ", fill(ALNUM, 40), "\n");
    within("aws-secret-key", "\"SecretAccessKey\": \"", fill(ALNUM, 40), "\"");
    within("aws-session-token", "AWS_SESSION_TOKEN=", fill(ALNUM, 200), "");
    within(
        "slack-webhook",
        "https://hooks.slack.com/services/",
        format!("T{}/B{}/{}", fill(UPPER, 9), fill(UPPER, 9), fill(ALNUM, 24)),
        "",
    );
    within("azure-key", "AccountName=x;AccountKey=", format!("{}==", fill(ALNUM, 86)), ";EndpointSuffix=y");
    within("azure-key", "?sv=2024-01-01&sig=", format!("{}%3D", fill(ALNUM, 43)), "&se=x");
    within("discord-token", "https://discord.com/api/webhooks/123456789012345678/", fill(ALNUM, 68), "");
    within(
        "discord-token",
        "DISCORD_TOKEN=",
        format!("{}.{}.{}", fill(ALNUM, 24), fill(ALNUM, 6), fill(ALNUM, 27)),
        "",
    );
    within(
        "heroku-key",
        "HEROKU_API_KEY=",
        format!("{}-{}-{}-{}-{}", fill(HEX, 8), fill(HEX, 4), fill(HEX, 4), fill(HEX, 4), fill(HEX, 12)),
        "",
    );
    within("authorization", "Authorization: Bearer ", fill(ALNUM, 32), "");
    within("authorization", "curl -H 'authorization: Basic ", format!("{}==", fill(ALNUM, 22)), "'");
    within("url-password", "postgres://admin:", fill(ALNUM, 12), "@db.example.com/app");
    within("url-password", "https://0123456789abcdef0123456789abcdef:", fill(HEX, 32), "@o1.ingest.example.com/2");
    within("password", "DB_PASSWORD=", format!("{}!", fill(ALNUM, 11)), "");
    within("password", "{\"password\": \"", format!("p4{}", fill(ALNUM, 8)), "\"}");
    within("password", "mysql --password=", fill(ALNUM, 14), " -u root");
    within("named-key", "api_key = \"", fill(ALNUM, 32), "\"");
    within("named-key", "export SERVICE_TOKEN=", fill(ALNUM, 40), "");
    within("named-key", "\"client_secret\": \"", fill(ALNUM, 36), "\"");
    all
}

/// Texts that look like secrets and are none.
#[allow(dead_code, reason = "the unit tests of the rules use it, the integration tests do not")]
pub(crate) fn harmless() -> Vec<&'static str> {
    vec![
        "sk-button sk-loading-spinner-wrapper-with-a-very-long-name-indeed task-notification-with-many-words-in-it",
        "the AKIA prefix and ASIAN markets; MAKIA1234567890ABCDEF",
        "ghp_short gho_ github_pat_ glpat-xxx xoxb-1 npm_config_registry npm_lifecycle_event",
        "hf_hub_download pypi-server dapi SG.x SK key-value key-pair",
        "eyJhbGciOi.notatoken eyJ.eyJ.",
        "https://example.com:8443/path?x=1@y http://localhost:3000 git@github.com:owner/repo.git ssh://git@host:22/x",
        "https://${USER}:${PASSWORD}@host/db postgres://user:<password>@host",
        "password: string; password = getPassword(); password=args.password password=os.environ password=None",
        "PASSWORD=$PASSWORD PASSWORD=${DB_PASS} password=\"changeme\" \"password\": \"********\"",
        "def login(user, password=None): return check_password(password)",
        "Authorization: Bearer <token> bearer authentication for everybody Bearer authentication-mechanism",
        "api_key = os.environ[\"API_KEY\"] access_token: string client_secret: process.env.CLIENT_SECRET",
        "\"cache_creation_input_tokens\":1200 max_tokens=4096 input_tokens: 123456789012345678901234567890",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----- -----BEGIN PUBLIC KEY-----",
        "secret_access_key is what you need; aws_secret_access_key = <your key>",
        "12:34:56 2026-11-22T08:00:00Z 123:AA 10:AAAA",
        "0a1b2c3d-0000-4000-8000-000000000000 toolu_01AbCdEfGhIjKlMnOpQrStUv msg_01XyZ req_011CAbcdef",
        "claude-sonnet-4-5-20250929 feature/JIRA-1234-some-long-branch-name general-purpose mcp__server__tool",
        "9f829acb4b73589b9dd0eb121f5670e49f829acb4b73589b9dd0eb121f5670e4",
    ]
}
