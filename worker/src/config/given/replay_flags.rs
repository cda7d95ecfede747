//! The flags of `burdock replay`.

use std::path::PathBuf;

use clap::Args;

use super::{HostingFlags, SecretText, WorkerFlags};
use crate::config::cli::OutputFormat;
use crate::config::elements::client;
use crate::config::elements::timeouts::ConnectTimeout;
use crate::config::key::Element;

/// Histories from files or from a server.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct ReplayFlags {
    /// What hosts the workflows.
    #[command(flatten)]
    pub hosting: HostingFlags,

    /// History files, JSON or binary, and folders that are searched for *.json, *.bin and *.binpb
    #[arg(value_name = "HISTORY", conflicts_with_all = ["workflow_id", "query", "run_id"], required_unless_present_any = ["workflow_id", "query"])]
    pub histories: Vec<PathBuf>,

    /// Replays an execution of this workflow id on the server
    #[arg(long, value_name = "ID", help_heading = "Server")]
    pub workflow_id: Option<String>,

    /// Replays this run of --workflow-id [default: the latest one]
    #[arg(
        long,
        value_name = "ID",
        requires = "workflow_id",
        help_heading = "Server"
    )]
    pub run_id: Option<String>,

    /// Replays every execution that this visibility query finds on the server
    #[arg(
        long,
        value_name = "QUERY",
        conflicts_with = "workflow_id",
        help_heading = "Server"
    )]
    pub query: Option<String>,

    /// The Temporal server; `https://HOST` switches TLS on [default: localhost:7233]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Server")]
    pub address: Option<String>,

    /// The API key; other users of the machine can see flags, so prefer TEMPORAL_API_KEY
    #[arg(long, value_name = "KEY", help_heading = "Server")]
    pub api_key: Option<SecretText>,

    /// Whether the connection is encrypted [default: on with an API key, TLS settings or an https address]
    #[arg(long, value_name = "true|false", help_heading = "Server", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub tls: Option<String>,

    /// The name in the server's certificate [default: the host of --address]
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    pub tls_server_name: Option<String>,

    /// The authority that signed the server's certificate (PEM) [default: the system's]
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub tls_ca_path: Option<String>,

    /// The client's certificate for mutual TLS (PEM)
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub tls_cert_path: Option<String>,

    /// The client's private key for mutual TLS (PEM)
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub tls_key_path: Option<String>,

    /// The profile in temporal.toml [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    pub profile: Option<String>,

    /// The temporal.toml to read [default: temporalio/temporal.toml in the user's configuration folder]
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    pub temporal_config: Option<String>,

    /// How long to try to reach the server before ending [default: 60s]
    #[arg(long, value_name = "DURATION", help_heading = "Server")]
    pub connect_timeout: Option<String>,

    /// A table for people, or JSON for machines: one object a line, the last one sums up
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub output: OutputFormat,
}

impl ReplayFlags {
    /// The same flags as the worker has them; all others are not given.
    pub(in crate::config) fn as_worker_flags(&self) -> WorkerFlags {
        let api_key = self.api_key.clone().map(String::from);
        self.hosting.as_worker_flags().and(WorkerFlags::of([
            (client::ServerAddress::KEY, self.address.clone()),
            (client::ServerApiKey::KEY, api_key),
            (client::Tls::KEY, self.tls.clone()),
            (client::TlsServerName::KEY, self.tls_server_name.clone()),
            (client::TlsCaPath::KEY, self.tls_ca_path.clone()),
            (client::TlsCertPath::KEY, self.tls_cert_path.clone()),
            (client::TlsKeyPath::KEY, self.tls_key_path.clone()),
            (client::Profile::KEY, self.profile.clone()),
            (client::TemporalConfig::KEY, self.temporal_config.clone()),
            (ConnectTimeout::KEY, self.connect_timeout.clone()),
        ]))
    }
}
