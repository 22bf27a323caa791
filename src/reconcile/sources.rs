//! What requests are for, in the client's words: whether a transcript shows their answers.

use super::reason::Reason;
use super::report::{ClientRequest, ClientSession, TokenKind, Tokens};

/// Work of the client itself, of which it writes no line, by the names that were seen with it.
const OWN_WORK: [&str; 5] = ["agent_classifier", "agent_namer", "compact", "generate_session_title", "web_search_tool"];

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The conversation's or an agent's: its answer has lines.
    Visible,
    /// The client's own, of which there are none.
    OwnWork,
    /// Something that is not known by name.
    Unknown,
}

impl Source {
    fn of(name: &str) -> Self {
        let is_agent = name.starts_with("agent:") || name.starts_with("agent.");
        if name == "sdk" || name.starts_with("repl_main_thread") || is_agent {
            Self::Visible
        } else if OWN_WORK.contains(&name) {
            Self::OwnWork
        } else {
            Self::Unknown
        }
    }
}

/// Whether something is the client's own work by its name alone.
pub(super) fn is_own_work(source: Option<&str>) -> bool {
    source.is_some_and(|source| Source::of(source) == Source::OwnWork)
}

/// The requests that nothing on record answers to, each with the rule that explains it. A source that is not known by
/// name is the client's own work if its tokens are in what the metric calls auxiliary and no known one has used.
pub(super) fn explain_unmatched(client: &ClientSession) -> Vec<(usize, Option<Reason>)> {
    let own_work = |request: &&ClientRequest| is_own_work(request.source.as_deref());
    let mut left = client.tokens.clone();
    for request in client.requests.iter().filter(own_work) {
        if let Some(left) = request.model.as_ref().and_then(|model| left.get_mut(model)) {
            left.auxiliary.take(&request.tokens);
        }
    }
    let mut explained = Vec::new();
    for (place, request) in client.requests.iter().enumerate().filter(|(_, request)| !request.is_matched) {
        let reason = match request.source.as_deref().map(Source::of) {
            Some(Source::OwnWork) => Some(Reason::ClientsOwnWork),
            Some(Source::Unknown) => {
                let left = request.model.as_ref().and_then(|model| left.get_mut(model)).map(|left| &mut left.auxiliary);
                left.filter(|left| left.covers(&request.tokens) && is_any(&request.tokens)).map(|left| {
                    left.take(&request.tokens);
                    Reason::ClientsOwnWork
                })
            }
            Some(Source::Visible) | None => None,
        };
        explained.push((place, reason));
    }
    explained
}

fn is_any(tokens: &Tokens) -> bool {
    TokenKind::ALL.into_iter().any(|kind| tokens.of(kind) > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::report::MetricTokens;
    use super::*;

    fn tokens(input: u64, output: u64) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.add(TokenKind::Input, input);
        tokens.add(TokenKind::Output, output);
        tokens
    }

    fn request(source: &str, tokens: Tokens) -> ClientRequest {
        ClientRequest { source: Some(source.into()), model: Some("m".into()), tokens, ..ClientRequest::default() }
    }

    #[test]
    fn answers_of_the_conversation_and_of_agents_are_never_the_clients_own() {
        for name in
            ["sdk", "repl_main_thread", "repl_main_thread:outputStyle:x", "agent:builtin:Explore", "agent.custom"]
        {
            assert_eq!(Source::of(name), Source::Visible, "{name}");
        }
        assert_eq!(Source::of("compact"), Source::OwnWork);
        assert_eq!(Source::of("agent_namer"), Source::OwnWork);
    }

    #[test]
    fn an_unknown_source_needs_the_metrics_word_and_uses_it_up() {
        let mut client = ClientSession {
            requests: vec![
                request("compact", tokens(100, 10)),
                request("novelty", tokens(5, 5)),
                request("novelty", tokens(5, 5)),
                request("sdk", tokens(1, 1)),
            ],
            ..ClientSession::default()
        };
        let reasons = |client: &ClientSession| {
            explain_unmatched(client).into_iter().map(|(_, reason)| reason).collect::<Vec<_>>()
        };
        let own = Some(Reason::ClientsOwnWork);
        assert_eq!(reasons(&client), [own, None, None, None]);
        let auxiliary = MetricTokens { all: tokens(105, 15), auxiliary: tokens(105, 15) };
        client.tokens.insert(Arc::from("m"), auxiliary);
        assert_eq!(reasons(&client), [own, own, None, None], "the second has no tokens left to be in");
    }
}
