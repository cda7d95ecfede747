//! Settings of the client, through Temporal's own loader.

use super::*;
use crate::config::source::Source;
use crate::config::{render, to_json};

const CERT: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n";

const PROFILES: &str = "\
[profile.default]
address = \"file:7233\"
namespace = \"from-file\"

[profile.cloud]
address = \"cloud:7233\"
api_key = \"hush\"

[profile.cloud.grpc_meta]
x_tenant = \"hush\"
";

fn source(config: &WorkerConfig, name: &str) -> String {
    let rows = config.rows();
    let row = rows.iter().find(|row| row.name == name).unwrap();
    row.source.to_string()
}

#[test]
fn a_flag_wins_over_a_variable_over_both_files() {
    let folder = Folder::new();
    let temporal = folder.file("temporal.toml", PROFILES);
    let burdock = folder.file("burdock.toml", "address = \"burdock:7233\"\n");
    let in_temporal = format!("--temporal-config={temporal}");
    let in_burdock = format!("--config={burdock}");
    let variable = [("TEMPORAL_ADDRESS", "env:7233")];
    let host = |config: WorkerConfig| config.client.target.host_str().unwrap().to_owned();

    let all = [in_temporal.as_str(), &in_burdock, "--address=flag:7233"];
    assert_eq!(host(resolved(&all, variable)), "flag");
    assert_eq!(host(resolved(&all[..2], variable)), "env");
    assert_eq!(host(resolved(&all[..2], [])), "burdock");
    assert_eq!(host(resolved(&all[..1], [])), "file");
    assert_eq!(host(resolved(&[], [])), "localhost");
}

#[test]
fn values_of_a_profile_carry_file_profile_and_line() {
    let folder = Folder::new();
    let temporal = folder.file("temporal.toml", PROFILES);
    let config = resolved(&[], [("TEMPORAL_CONFIG_FILE", temporal.as_str())]);
    assert_eq!(config.client.namespace, "from-file");
    let namespace = source(&config, "namespace");
    assert!(
        namespace.ends_with("temporal.toml:3 [profile.default]"),
        "{namespace}"
    );
    assert_eq!(source(&config, "temporal-config"), "TEMPORAL_CONFIG_FILE");
}

#[test]
fn the_file_in_the_configuration_folder_is_found() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("temporalio")).unwrap();
    folder.file("temporalio/temporal.toml", PROFILES);
    let home = folder.path().to_str().unwrap();
    if !cfg!(target_os = "macos") {
        let config = resolved(&[], [("XDG_CONFIG_HOME", home)]);
        assert_eq!(config.client.target.host_str(), Some("file"));
    }
}

#[test]
fn a_profile_is_chosen_by_variable() {
    let folder = Folder::new();
    let temporal = folder.file("temporal.toml", PROFILES);
    let config = resolved(
        &[],
        [
            ("TEMPORAL_CONFIG_FILE", temporal.as_str()),
            ("TEMPORAL_PROFILE", "cloud"),
        ],
    );
    assert_eq!(config.client.target.as_str(), "https://cloud:7233/");
    assert_eq!(config.client.api_key.as_ref().unwrap().expose(), "hush");
    assert!(config.client.tls.is_some());
    assert_eq!(source(&config, "tls"), "default: an API key is given");
    assert_eq!(config.client.grpc_metadata["x-tenant"].expose(), "hush");
}

#[test]
fn secrets_are_shown_nowhere() {
    let folder = Folder::new();
    let temporal = folder.file("temporal.toml", PROFILES);
    let config = resolved(
        &[&format!("--temporal-config={temporal}"), "--profile=cloud"],
        [
            ("TEMPORAL_TLS_CLIENT_CERT_DATA", CERT),
            ("TEMPORAL_TLS_CLIENT_KEY_DATA", KEY),
        ],
    );
    let shown = format!("{config:?}\n{}\n{}", render(&config), to_json(&config));
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("[redacted]"));
    assert_eq!(
        source(&config, "tls-key-path"),
        "TEMPORAL_TLS_CLIENT_KEY_DATA"
    );
}

#[test]
fn a_profile_that_is_not_there_is_a_mistake() {
    let folder = Folder::new();
    let temporal = folder.file("temporal.toml", PROFILES);
    let config = format!("--temporal-config={temporal}");
    let with_file = mistakes(&[&config, "--profile=clod"], []);
    assert!(with_file[0].contains("no profile `clod`"), "{with_file:?}");
    assert!(
        with_file[0].ends_with("did you mean `cloud`?"),
        "{with_file:?}"
    );
    let without_file = mistakes(&[], [("TEMPORAL_PROFILE", "cloud")]);
    assert!(
        without_file[0].starts_with("TEMPORAL_PROFILE: "),
        "{without_file:?}"
    );
}

#[test]
fn unknown_keys_of_temporal_toml_are_mistakes() {
    let folder = Folder::new();
    let temporal = folder.file(
        "temporal.toml",
        "[profile.default]\nadress = \"a:1\"\nname_space = \"n\"\n",
    );
    let mistakes = mistakes(&[&format!("--temporal-config={temporal}")], []);
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(
        mistakes[1].contains("temporal.toml:3: `name_space`"),
        "{mistakes:?}"
    );
}

#[test]
fn certificates_are_read_and_switch_tls_on() {
    let folder = Folder::new();
    let ca = folder.file("ca.pem", CERT);
    let cert = folder.file("client.pem", CERT);
    let key = folder.file("client.key", KEY);
    let config = resolved(
        &[
            &format!("--tls-ca-path={ca}"),
            "--tls-server-name=s.example",
        ],
        [
            ("TEMPORAL_TLS_CLIENT_CERT_PATH", cert.as_str()),
            ("TEMPORAL_TLS_CLIENT_KEY_PATH", key.as_str()),
        ],
    );
    assert_eq!(config.client.target.scheme(), "https");
    let tls = config.client.tls.unwrap();
    assert_eq!(tls.server_ca_pem.as_deref(), Some(CERT.as_bytes()));
    assert_eq!(tls.server_name.as_deref(), Some("s.example"));
    let client = tls.client.unwrap();
    assert_eq!(client.cert_pem, CERT.as_bytes());
    assert_eq!(client.key_pem, KEY.as_bytes());
}

#[test]
fn a_wrong_certificate_path_names_key_and_path() {
    let mistakes = mistakes(&["--tls-ca-path=no/such.pem"], []);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].starts_with("--tls-ca-path: "), "{mistakes:?}");
    assert!(mistakes[0].contains("no/such.pem"), "{mistakes:?}");
}

#[test]
fn a_key_in_the_place_of_a_certificate_is_a_mistake() {
    let folder = Folder::new();
    let key = folder.file("client.key", KEY);
    let mistakes = mistakes(&[&format!("--tls-ca-path={key}")], []);
    assert!(
        mistakes[0].contains("no certificate in PEM form"),
        "{mistakes:?}"
    );
    assert!(!mistakes[0].contains("hush"));
}

#[test]
fn a_certificate_needs_its_key() {
    let mistakes = mistakes(&[], [("TEMPORAL_TLS_CLIENT_CERT_DATA", CERT)]);
    assert!(mistakes[0].contains("give `tls-key-path`"), "{mistakes:?}");
}

#[test]
fn a_path_and_a_text_for_one_certificate_are_a_mistake() {
    let mistakes = mistakes(
        &[],
        [
            ("TEMPORAL_TLS_SERVER_CA_CERT_DATA", CERT),
            ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "ca.pem"),
        ],
    );
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.contains("TEMPORAL_TLS_SERVER_CA_CERT_DATA")),
        "{mistakes:?}"
    );
}

#[test]
fn a_text_in_a_variable_wins_over_a_path_in_the_file() {
    let folder = Folder::new();
    let burdock = folder.file("burdock.toml", "tls-ca-path = \"no-such.pem\"\n");
    let config = resolved(
        &[&format!("--config={burdock}")],
        [("TEMPORAL_TLS_SERVER_CA_CERT_DATA", CERT)],
    );
    let ca = config.client.tls.unwrap().server_ca_pem;
    assert_eq!(ca.as_deref(), Some(CERT.as_bytes()));
}

#[test]
fn a_tls_section_says_yes_or_no() {
    let folder = Folder::new();
    let on = folder.file("on.toml", "[profile.default.tls]\n");
    let off = folder.file(
        "off.toml",
        "[profile.default]\napi_key = \"k\"\n[profile.default.tls]\ndisabled = true\n",
    );
    let config = resolved(&[&format!("--temporal-config={on}")], []);
    assert!(config.client.tls.is_some());
    assert!(source(&config, "tls").contains("on.toml:1"));
    let config = resolved(&[&format!("--temporal-config={off}")], []);
    assert!(config.client.tls.is_none());
    assert!(config.warnings[0].0.contains("unencrypted"));
}

#[test]
fn https_switches_tls_on_and_http_contradicts_an_api_key() {
    let config = resolved(&["--address=https://h"], []);
    assert!(config.client.tls.is_some());
    let variables = [("TEMPORAL_API_KEY", "k")];
    let mistakes = mistakes(&["--address=http://h:7233"], variables);
    assert!(
        mistakes[0].contains("`address` starts with http://"),
        "{mistakes:?}"
    );
    let config = resolved(&["--address=http://h:7233", "--tls=false"], variables);
    assert_eq!(config.client.target.as_str(), "http://h:7233/");
}

#[test]
fn verification_cannot_be_switched_off() {
    for value in ["true", "yes"] {
        let mistakes = mistakes(&[], [("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", value)]);
        assert!(mistakes[0].contains("always verified"), "{mistakes:?}");
    }
}

#[test]
fn a_codec_is_mentioned() {
    let config = resolved(&[], [("TEMPORAL_CODEC_ENDPOINT", "http://localhost:1")]);
    assert!(config.warnings[0].0.contains("codec"));
}

#[test]
fn headers_come_from_variables() {
    let config = resolved(&[], [("TEMPORAL_GRPC_META_X_TENANT", "acme")]);
    assert_eq!(config.client.grpc_metadata["x-tenant"].expose(), "acme");
    assert_eq!(
        source(&config, "grpc-metadata"),
        "TEMPORAL_GRPC_META_X_TENANT"
    );
    let mistakes = mistakes(&[], [("TEMPORAL_GRPC_META_X_BIN", "acme")]);
    assert!(mistakes[0].contains("`x-bin`"), "{mistakes:?}");
}

#[test]
fn nothing_said_is_the_default_and_says_so() {
    let config = resolved(&[], []);
    let address = Source::Default(None).to_string();
    assert_eq!(source(&config, "address"), address);
}
