//! The dev server of `burdock dev`: the real Temporal server, started through sdk-core.

use std::path::PathBuf;
use std::process::Stdio;

use temporalio_sdk_core::ephemeral_server::{
    EphemeralExe, EphemeralServer, TemporalDevServerConfig,
};

use crate::config::DevServerConfig;

/// Where `make` installs the CLI, from the project's folder.
const OWN_CLI: &str = ".tools/temporal/1.9.1/temporal";

/// sdk-core gives a server five seconds; a busy machine may need more than one try.
const STARTS_MAX: usize = 3;

/// Starts a server with `namespace` on a free port unless told otherwise.
///
/// # Errors
/// A sentence that says what is missing.
pub(super) async fn start(
    config: &DevServerConfig,
    namespace: &str,
) -> Result<EphemeralServer, String> {
    let cli = find_cli(config)?;
    let server = TemporalDevServerConfig::builder()
        .exe(EphemeralExe::ExistingPath(
            cli.to_string_lossy().into_owned(),
        ))
        .namespace(namespace)
        .maybe_port(*config.port)
        .maybe_ui_port(*config.ui_port)
        .maybe_db_filename(
            config
                .db_file
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
        )
        .log(("json".to_owned(), "error".to_owned()))
        .build();
    let mut failure = String::new();
    for _ in 0..STARTS_MAX {
        match server
            .start_server_with_output(Stdio::null(), Stdio::inherit())
            .await
        {
            Ok(server) => return Ok(server),
            Err(error) => failure = error.to_string(),
        }
    }
    Err(format!(
        "the dev server does not start: {failure}; try `{} server start-dev` by hand",
        cli.display()
    ))
}

fn find_cli(config: &DevServerConfig) -> Result<PathBuf, String> {
    if let Some(cli) = &*config.temporal_cli {
        return Ok(cli.clone());
    }
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| {
        std::env::split_paths(&path)
            .map(|folder| folder.join("temporal"))
            .collect::<Vec<_>>()
    });
    std::iter::once(PathBuf::from(OWN_CLI))
        .chain(on_path)
        .find(|cli| cli.is_file())
        .ok_or_else(|| {
            "the Temporal CLI was not found: run `make setup`, or name it with --temporal-cli"
                .to_owned()
        })
}
