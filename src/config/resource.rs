//! What the user says about the resource.

use super::env::{self, Environment};
use super::otlp::ConfigError;
use super::pairs;

/// The part of the resource that comes from the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceOverrides {
    /// The chosen `service.name`.
    pub service_name: Option<String>,
    /// The chosen attributes, decoded.
    pub attributes: Vec<(String, String)>,
}

/// Reads `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
pub fn resolve_resource(env: &Environment<'_>) -> Result<ResourceOverrides, ConfigError> {
    let origin = env::OTEL_RESOURCE_ATTRIBUTES;
    let attributes = env::get(env, origin).map(|text| pairs::decode(&text)).transpose();
    Ok(ResourceOverrides {
        service_name: env::get(env, env::OTEL_SERVICE_NAME),
        attributes: attributes.map_err(|problem| ConfigError::Pairs { origin, problem })?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(attributes: &'static str) -> Result<ResourceOverrides, ConfigError> {
        resolve_resource(&move |name: &str| match name {
            "OTEL_SERVICE_NAME" => Some("mine".to_owned()),
            "OTEL_RESOURCE_ATTRIBUTES" => Some(attributes.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn attributes_are_decoded() {
        let resource = resolve("deployment.environment.name=prod,team=a%2Cb").unwrap();
        assert_eq!(resource.service_name.as_deref(), Some("mine"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(resource.attributes, [pair("deployment.environment.name", "prod"), pair("team", "a,b")]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let error = resolve("team").unwrap_err().to_string();
        assert!(error.contains("OTEL_RESOURCE_ATTRIBUTES"), "{error}");
    }
}
