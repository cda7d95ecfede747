//! The client's settings from all their sources.

use std::collections::BTreeMap;

use url::Url;

use super::material::TlsMaterial;
use super::reader::Reader;
use super::tls::{TlsFacts, TlsFinding};
use super::{Address, ApiKey, ClientConfig, SecretValue, metadata, profile, temporal_variables};
use crate::config::elements::client::{
    NAMESPACE_DEFAULT, Namespace, ServerAddress, ServerApiKey, Tls,
};
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::findings::Findings;
use crate::config::given::Given;
use crate::config::key::Element as _;
use crate::config::render::Row;
use crate::config::source::{Setting, Source};

/// The client's settings and their rows for `burdock config`.
#[derive(Clone, Debug)]
pub(in crate::config) struct ResolvedClient {
    pub(in crate::config) config: ClientConfig,
    pub(in crate::config) rows: Vec<Row>,
}

/// Resolves everything; mistakes go to `findings`, and then nothing may come back.
pub(in crate::config) fn resolve(
    given: &Given,
    environment: &Environment,
    findings: &mut Findings,
) -> Option<ResolvedClient> {
    for sentence in temporal_variables::suspicious(environment) {
        findings.warn(sentence);
    }
    let profile = profile::load(given, environment, findings);
    let reader = Reader {
        given,
        environment,
        profile: profile.as_ref(),
    };
    reader.resolve(findings)
}

/// For `burdock dev`, which starts the server itself: only the namespace matters. The target is
/// the usual one until the server's is known.
pub(in crate::config) fn resolve_for_dev(
    given: &Given,
    findings: &mut Findings,
) -> Option<ResolvedClient> {
    let namespace = findings
        .take::<Namespace>(given)
        .or(NAMESPACE_DEFAULT.to_owned());
    let rows = vec![Row::of("namespace", &namespace)];
    let config = ClientConfig {
        target: target(&Address::default_address(), false, findings)?,
        namespace: namespace.value,
        api_key: None,
        tls: None,
        grpc_metadata: BTreeMap::new(),
    };
    Some(ResolvedClient { config, rows })
}

/// The URL to dial.
fn target(address: &Address, tls: bool, findings: &mut Findings) -> Option<Url> {
    let target = address.target(tls);
    if target.is_none() {
        findings.contradiction(
            format!("`address` ({address}) cannot be dialled"),
            "give `address` as HOST:PORT",
        );
    }
    target
}

impl Reader<'_> {
    /// Reads every setting, even where the profile is missing, so that all mistakes come at once.
    fn resolve(&self, findings: &mut Findings) -> Option<ResolvedClient> {
        let values = self.profile.map(|profile| &profile.values);
        let loaded_address = values.and_then(|values| values.address.as_deref());
        let loaded_namespace = values.and_then(|values| values.namespace.as_deref());
        let loaded_api_key = values.and_then(|values| values.api_key.as_deref());
        let address = self
            .take::<ServerAddress>("address", loaded_address, findings)
            .or(Address::default_address());
        let namespace = self
            .take::<Namespace>("namespace", loaded_namespace, findings)
            .or(NAMESPACE_DEFAULT.to_owned());
        let api_key = self
            .take::<ServerApiKey>("api_key", loaded_api_key, findings)
            .optional(None);
        let material = self.material(findings);
        let tls_on = self.tls_decision(&address, &api_key, &material, findings);
        self.check_unsupported(findings);

        let profile = self.profile?;
        let grpc_metadata = metadata::check(&profile.values.grpc_meta, &mut findings.errors);
        let mut rows = vec![
            Row::of("address", &address),
            Row::of("namespace", &namespace),
            Row::redacted("api-key", api_key.is_some(), &api_key.source),
            Row::of("tls", &tls_on),
        ];
        rows.extend(material.rows());
        rows.push(Row::of("profile", &profile.name));
        rows.push(Row::of("temporal-config", &profile.path));
        rows.extend(self.metadata_row(&grpc_metadata));
        let config = ClientConfig {
            target: target(&address, *tls_on, findings)?,
            namespace: namespace.value,
            api_key: api_key.value,
            tls: tls_on.then(|| material.into_config()),
            grpc_metadata,
        };
        Some(ResolvedClient { config, rows })
    }

    fn tls_decision(
        &self,
        address: &Setting<Address>,
        api_key: &Setting<Option<ApiKey>>,
        material: &TlsMaterial,
        findings: &mut Findings,
    ) -> Setting<bool> {
        let facts = TlsFacts {
            said: findings
                .take::<Tls>(self.given)
                .given()
                .or_else(|| self.said_in_file()),
            scheme: address.scheme,
            has_material: material.is_any(),
            has_api_key: api_key.is_some(),
        };
        for finding in facts.findings() {
            match finding {
                TlsFinding::Contradiction(problem, remedy) => {
                    findings.contradiction(problem, remedy);
                }
                TlsFinding::Hint(hint) => findings.warn(hint),
            }
        }
        facts.decide()
    }

    /// A `[profile.NAME.tls]` section means yes unless it says `disabled = true`.
    fn said_in_file(&self) -> Option<Setting<bool>> {
        let profile = self.profile?;
        let disabled = profile.values.tls.as_ref()?.disabled;
        let source = profile
            .source("tls.disabled")
            .or_else(|| profile.source("tls"))?;
        Some(Setting {
            value: disabled != Some(true),
            source,
        })
    }

    /// Settings that the loader reads and that have no effect here.
    fn check_unsupported(&self, findings: &mut Findings) {
        const VERIFICATION: &str = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION";
        let Some(profile) = self.profile else {
            return;
        };
        let tls = profile.values.tls.as_ref();
        let variable = self.environment.get(VERIFICATION);
        let is_unclear = variable.is_some_and(|text| Tls::parse(text).is_err());
        if is_unclear || tls.is_some_and(|tls| tls.disable_host_verification) {
            let place = match variable {
                Some(_) => VERIFICATION.to_owned(),
                None => profile
                    .source("tls.disable_host_verification")
                    .map_or_else(String::new, |source| source.to_string()),
            };
            findings.errors.push(ConfigError::Value {
                place,
                problem: "the server's certificate is always verified".to_owned(),
                remedy: "remove the setting; --tls-ca-path and --tls-server-name fit the \
                         verification to the server"
                    .to_owned(),
            });
        }
        if profile.values.codec.is_some() {
            findings.warn(
                "the codec settings of the Temporal CLI (TEMPORAL_CODEC_* or `codec` in temporal.toml) are not used: \
                 a worker with a codec server has `codec-endpoint` and `codec-auth`",
            );
        }
    }

    /// The names of the headers; their values may be secrets.
    fn metadata_row(&self, metadata: &BTreeMap<String, SecretValue>) -> Option<Row> {
        if metadata.is_empty() {
            return None;
        }
        let mut variables = self.environment.with_prefix("TEMPORAL_GRPC_META_");
        let source = match variables.next() {
            Some((name, _)) => Source::Env(name.to_owned()),
            None => self.profile?.source("grpc_meta")?,
        };
        let names: Vec<&str> = metadata.keys().map(String::as_str).collect();
        let value = format!("{} [redacted]", names.join(" "));
        Some(Row::of("grpc-metadata", &Setting { value, source }))
    }
}
