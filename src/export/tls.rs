//! Certificates for both transports.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use super::destination::TlsOptions;

/// The files' contents, checked.
pub(super) struct TlsMaterial {
    certificate: Option<Vec<u8>>,
    client: Option<(Vec<u8>, Vec<u8>)>,
    config: ClientConfig,
}

impl TlsMaterial {
    /// Reads and checks the files. `wanted` says whether the connection is encrypted at all; the system's authorities
    /// are not loaded otherwise. Errors name the file and never quote it.
    pub(super) fn load(options: &TlsOptions, wanted: bool) -> Result<Self, String> {
        let certificate = options.certificate.as_deref().map(read).transpose()?;
        let client = match &options.client {
            Some(client) => Some((read(&client.certificate)?, read(&client.key)?)),
            None => None,
        };
        let roots = match &options.certificate {
            Some(path) => custom_roots(path, certificate.as_deref().unwrap_or_default())?,
            None if wanted => system_roots()?,
            None => RootCertStore::empty(),
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be set up: {error}"))?
            .with_root_certificates(roots);
        let config = match (&options.client, &client) {
            (Some(paths), Some((chain, key))) => {
                let chain = certificates(&paths.certificate, chain)?;
                let key = PrivateKeyDer::from_pem_slice(key)
                    .map_err(|_| format!("{} holds no private key in PEM form", paths.key.display()))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    format!("{} and {} do not fit together: {error}", paths.certificate.display(), paths.key.display())
                })?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok(Self { certificate, client, config })
    }

    /// For the HTTP client.
    pub(super) fn for_http(&self) -> ClientConfig {
        self.config.clone()
    }

    /// For the gRPC channel.
    pub(super) fn for_grpc(&self) -> ClientTlsConfig {
        let config = ClientTlsConfig::new();
        let config = match &self.certificate {
            Some(pem) => config.ca_certificate(Certificate::from_pem(pem)),
            None => config.with_native_roots(),
        };
        match &self.client {
            Some((chain, key)) => config.identity(Identity::from_pem(chain, key)),
            None => config,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| format!("{} is not in PEM form", path.display()))?;
    if certificates.is_empty() {
        return Err(format!("{} holds no certificate in PEM form", path.display()));
    }
    Ok(certificates)
}

fn custom_roots(path: &Path, pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, pem)? {
        roots.add(certificate).map_err(|error| format!("{} cannot be trusted: {error}", path.display()))?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err("the system has no trusted certificates; install them, or name one with \
                    OTEL_EXPORTER_OTLP_CERTIFICATE"
            .to_owned());
    }
    Ok(roots)
}

/// Whether a failure comes from certificates, which no repetition mends.
pub(super) fn is_certificate_problem(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::AlertReceived(_));
        }
        // An I/O error shows what it wraps only through `get_ref`, not as its source.
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}
