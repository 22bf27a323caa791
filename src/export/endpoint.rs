//! Where an OTLP receiver listens.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::secret::Secret;

/// An `http` or `https` address without credentials in it; shown without its query, which may hold a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why a text is no endpoint; none of them repeats the text, which may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No `http://` or `https://` in front, or another scheme.
    #[error("must start with http:// or https://")]
    Scheme,
    /// Not a URL, or one without a host.
    #[error("is not a valid URL with a host")]
    Malformed,
    /// `user:password@` in front of the host.
    #[error("holds a user name or password; put credentials into a header instead")]
    Credentials,
}

impl Endpoint {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !matches!(scheme.as_deref(), Some("http" | "https")) {
            return Err(EndpointError::Scheme);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::Malformed)?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EndpointError::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        Ok(Self(url))
    }

    /// The same address with `path` appended, as the general HTTP endpoint gets its signal path.
    #[must_use]
    pub fn join_path(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        let joined = format!("{}/{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        Self(url)
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host's name or address, as a resolver takes it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, the scheme's own where none is written.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The values in the query, any of which may be a key.
    pub(super) fn query_values(&self) -> impl Iterator<Item = (String, Secret)> {
        self.0.query_pairs().map(|(name, value)| (name.into_owned(), Secret::new(value)))
    }

    /// The whole address, for the HTTP client only.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port, which is all that gRPC has a use for.
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", self.0.scheme(), self.0.host_str().unwrap_or_default(), self.port())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.0.path())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_appended_once_whatever_the_slashes() {
        for text in ["http://h:4318", "http://h:4318/"] {
            assert_eq!(Endpoint::parse(text).unwrap().join_path("v1/traces").url().as_str(), "http://h:4318/v1/traces");
        }
        let base = Endpoint::parse("https://h/otlp/").unwrap();
        assert_eq!(base.join_path("v1/traces").url().as_str(), "https://h/otlp/v1/traces");
    }

    #[test]
    fn a_query_goes_out_but_is_never_shown() {
        let endpoint = Endpoint::parse("https://h/otlp?key=s3cret").unwrap();
        assert_eq!(endpoint.join_path("v1/traces").url().query(), Some("key=s3cret"));
        assert_eq!(format!("{endpoint} {endpoint:?}"), "https://h:443/otlp Endpoint(https://h:443/otlp)");
    }

    #[test]
    fn what_is_on_this_machine_is_known() {
        let local = |text: &str| Endpoint::parse(text).unwrap().is_local();
        assert!(
            ["http://localhost:1", "http://LOCALHOST", "http://127.0.0.2", "http://[::1]:4318"].into_iter().all(local)
        );
        assert!(!["http://localhost.example", "http://10.0.0.1", "http://[2001:db8::1]"].into_iter().any(local));
    }

    #[test]
    fn what_is_no_endpoint_is_refused_by_reason() {
        assert_eq!(Endpoint::parse("localhost:4318"), Err(EndpointError::Scheme));
        assert_eq!(Endpoint::parse("ftp://h"), Err(EndpointError::Scheme));
        assert_eq!(Endpoint::parse("http://"), Err(EndpointError::Malformed));
        assert_eq!(Endpoint::parse("http://u:p@h"), Err(EndpointError::Credentials));
    }
}
