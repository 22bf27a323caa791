//! Encrypted delivery, and certificates that do not fit.

#![expect(clippy::unwrap_used, reason = "a test that unwraps says clearly enough what it expected")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claude_otel::export::destination::{
    ClientIdentity, Compression, Destination, OtlpDestination, OtlpOptions, Protocol, TlsOptions,
};
use claude_otel::export::endpoint::Endpoint;
use claude_otel::export::error::ExportError;
use claude_otel::export::exporter::{ExportOptions, Exporter};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::support::clock::TestClock;
use crate::support::otlp_server::{Listen, OtlpServer};
use crate::support::spans::{resource, spans};

const ALL: [Protocol; 3] = [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc];

/// An authority, what it signed, and the files that hold it.
pub(crate) struct Authority {
    dir: TempDir,
    pem: String,
    server: (String, String),
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let sign = |subject: &str| {
            let params = CertificateParams::new(vec![subject.to_owned()]).unwrap();
            let key = KeyPair::generate().unwrap();
            (params.signed_by(&key, &issuer).unwrap().pem(), key.serialize_pem())
        };
        let dir = tempfile::tempdir().unwrap();
        let client = sign("client.example");
        fs::write(dir.path().join("ca.pem"), &pem).unwrap();
        fs::write(dir.path().join("client.pem"), &client.0).unwrap();
        fs::write(dir.path().join("client.key"), &client.1).unwrap();
        Self { pem, server: sign("127.0.0.1"), dir }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn client(&self) -> ClientIdentity {
        ClientIdentity { certificate: self.file("client.pem"), key: self.file("client.key") }
    }

    /// A server of this authority, which asks for a certificate of it if told to.
    pub(crate) fn listen(&self, protocol: Protocol, ask: bool) -> Listen {
        let (chain, key) = &self.server;
        if protocol == Protocol::Grpc {
            let config = ServerTlsConfig::new().identity(Identity::from_pem(chain, key));
            let config = if ask { config.client_ca_root(Certificate::from_pem(&self.pem)) } else { config };
            return Listen::GrpcTls(config);
        }
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = if ask {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let chain = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        Listen::HttpTls(Arc::new(builder.with_single_cert(vec![chain], key).unwrap()))
    }
}

async fn open(address: &str, protocol: Protocol, tls: TlsOptions) -> Result<Exporter, ExportError> {
    let endpoint = Endpoint::parse(&format!("https://{address}")).unwrap();
    let endpoint = if protocol == Protocol::Grpc { endpoint } else { endpoint.join_path("v1/traces") };
    let options = OtlpOptions {
        endpoint,
        protocol,
        headers: Vec::new(),
        compression: Compression::None,
        timeout: Duration::from_secs(10),
        tls,
    };
    let export = ExportOptions { clock: Arc::new(TestClock::default()), ..ExportOptions::new("unused") };
    let destination = OtlpDestination { traces: Some(options), ..OtlpDestination::default() };
    Exporter::open(Destination::Otlp(destination), resource(), export).await
}

async fn deliver(server: &OtlpServer, protocol: Protocol, tls: TlsOptions) -> Result<u64, ExportError> {
    let mut exporter = open(&server.addr.to_string(), protocol, tls).await?;
    exporter.send(spans(0..3)).await?;
    exporter.flush().await?;
    Ok(exporter.totals().delivered)
}

#[tokio::test]
async fn a_servers_own_authority_can_be_trusted() {
    let authority = Authority::new("ours");
    for protocol in ALL {
        let server = OtlpServer::start(authority.listen(protocol, false), []).await;
        let tls = TlsOptions { certificate: Some(authority.file("ca.pem")), client: None };
        assert_eq!(deliver(&server, protocol, tls).await.unwrap(), 3, "{protocol}");
        assert_eq!(server.numbers(), [[0, 1, 2]]);
    }
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_at_once() {
    let (theirs, ours) = (Authority::new("theirs"), Authority::new("ours"));
    for protocol in ALL {
        let server = OtlpServer::start(theirs.listen(protocol, false), []).await;
        let tls = TlsOptions { certificate: Some(ours.file("ca.pem")), client: None };
        let error = deliver(&server, protocol, tls).await.unwrap_err();
        assert!(matches!(error, ExportError::Refused { .. }), "{protocol}: {error}");
        assert!(error.to_string().contains("OTEL_EXPORTER_OTLP_CERTIFICATE"), "{protocol}: {error}");
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn we_prove_who_we_are_to_a_server_that_asks() {
    let authority = Authority::new("ours");
    for protocol in ALL {
        let server = OtlpServer::start(authority.listen(protocol, true), []).await;
        let tls = TlsOptions { certificate: Some(authority.file("ca.pem")), client: Some(authority.client()) };
        assert_eq!(deliver(&server, protocol, tls.clone()).await.unwrap(), 3, "{protocol}");
        let anonymous = TlsOptions { client: None, ..tls };
        assert!(deliver(&server, protocol, anonymous).await.is_err(), "{protocol}");
        assert_eq!(server.received().len(), 1, "{protocol}");
    }
}

#[tokio::test]
async fn files_that_do_not_fit_are_a_matter_of_configuration() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let mixed = ClientIdentity { key: other.file("client.key"), ..ours.client() };
    let no_key = ClientIdentity { key: ours.file("client.pem"), ..ours.client() };
    let cases = [
        (Some(ours.file("missing.pem")), None, "missing.pem"),
        (Some(ours.file("client.key")), None, "client.key holds no certificate"),
        (None, Some(mixed), "do not fit together"),
        (None, Some(no_key), "client.pem holds no private key"),
    ];
    let key = fs::read_to_string(ours.file("client.key")).unwrap();
    for protocol in ALL {
        for (certificate, client, words) in cases.clone() {
            // A custom authority keeps this test independent of the machine's own.
            let certificate = certificate.or_else(|| Some(ours.file("ca.pem")));
            let error = open("127.0.0.1:1", protocol, TlsOptions { certificate, client }).await.unwrap_err();
            assert!(error.is_configuration(), "{protocol}: {error}");
            assert!(error.to_string().contains(words), "{protocol}: {error}");
            assert!(!error.to_string().contains(key.lines().nth(1).unwrap()), "{error}");
        }
    }
}
