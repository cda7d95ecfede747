//! The command line.

use std::ffi::OsString;
use std::fmt;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::given::{HeapFlags, HostingFlags, ReplayFlags, WorkerFlags};
use crate::exit_code::ExitCode;

/// Temporal workflow worker that runs TypeScript workflow bundles in reused V8 isolates.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "burdock",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Host a workflow bundle and run activities.
    Worker(Box<WorkerFlags>),
    /// Start a Temporal dev server and a worker on it.
    Dev(Box<DevFlags>),
    /// Replay histories and tell whether the workflows of a bundle still do what they say.
    Replay(Box<ReplayFlags>),
    /// Run activations that are read from standard input; completions go to standard output.
    ///
    /// Both are protobuf messages of sdk-core's protocol, `coresdk.workflow_activation.WorkflowActivation` and
    /// `coresdk.workflow_completion.WorkflowActivationCompletion`, each after its length as a varint. Standard error
    /// gets one JSON object a line.
    Activate(Box<HostingFlags>),
    /// Have a running worker write a heap snapshot of one of its isolates, and print its file.
    Heap(HeapFlags),
    /// Print the configuration that `burdock worker` would go by, and where each value comes from.
    Config(Box<ConfigFlags>),
}

/// The flags of `burdock dev`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct DevFlags {
    /// The worker's flags.
    #[command(flatten)]
    pub worker: WorkerFlags,

    /// Port of the dev server [default: a free one]
    #[arg(long, value_name = "PORT", help_heading = "Dev server")]
    pub port: Option<String>,

    /// Port of the dev server's Web UI [default: a free one]
    #[arg(long, value_name = "PORT", help_heading = "Dev server")]
    pub ui_port: Option<String>,

    /// SQLite file that keeps the dev server's workflows [default: none, they go with the server]
    #[arg(long, value_name = "FILE", help_heading = "Dev server")]
    pub db_file: Option<String>,

    /// The Temporal CLI to start the server with [env: BURDOCK_TEMPORAL_CLI] [default: searched]
    #[arg(long, value_name = "PATH", help_heading = "Dev server")]
    pub temporal_cli: Option<String>,
}

/// The flags of `burdock config`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct ConfigFlags {
    /// The worker's flags.
    #[command(flatten)]
    pub worker: WorkerFlags,

    /// A table for people, or JSON for machines.
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub output: OutputFormat,
}

/// The form of a report.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// A table.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// The command line asks for nothing that could be run: a mistake, or a question about usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError {
    text: String,
    is_answer: bool,
}

impl UsageError {
    /// Whether this answers `--help` or `--version`; then it goes to stdout, else to stderr.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        self.is_answer
    }

    /// The code that the process ends with.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        if self.is_answer {
            ExitCode::Ok
        } else {
            ExitCode::Usage
        }
    }
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for UsageError {}

/// Reads the command line, the program's name first.
///
/// # Errors
/// A mistake in it, or a request for help or the version.
pub fn parse_cli(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, UsageError> {
    Cli::try_parse_from(arguments).map_err(|error| UsageError {
        text: error.render().to_string(),
        is_answer: matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, UsageError> {
        parse_cli(line.split_whitespace())
    }

    fn worker_flags(line: &str) -> WorkerFlags {
        match parse(line).unwrap().command {
            Command::Worker(flags) => *flags,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_kept_as_text() {
        let flags = worker_flags("burdock worker --isolates x --max-cached-workflows -1");
        assert_eq!(flags.text("isolates"), Some("x"));
        assert_eq!(flags.text("max-cached-workflows"), Some("-1"));
    }

    #[test]
    fn tls_needs_no_value() {
        let tls = |line| worker_flags(line).text("tls").map(str::to_owned);
        assert_eq!(tls("burdock worker --tls").as_deref(), Some("true"));
        assert_eq!(tls("burdock worker --tls=false").as_deref(), Some("false"));
        let flags = worker_flags("burdock worker --tls --isolates 2");
        assert_eq!(flags.text("isolates"), Some("2"));
    }

    #[test]
    fn a_wrong_command_line_ends_with_64() {
        for line in [
            "burdock",
            "burdock serve",
            "burdock worker --isolate 2",
            "burdock worker --isolates",
            "burdock worker --isolates 2 --isolates 3",
            "burdock worker bundle.js",
            "burdock config --output yaml",
        ] {
            let error = parse(line).unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::Usage, "{line}");
            assert!(!error.is_answer());
        }
    }

    #[test]
    fn a_misspelt_flag_gets_a_suggestion() {
        let error = parse("burdock worker --max-cached-workflow 5").unwrap_err();
        assert!(
            error.to_string().contains("--max-cached-workflows"),
            "{error}"
        );
    }

    #[test]
    fn questions_are_answered_with_0() {
        for line in [
            "burdock --help",
            "burdock --version",
            "burdock worker --help",
        ] {
            let error = parse(line).unwrap_err();
            assert_eq!(error.exit_code(), ExitCode::Ok, "{line}");
        }
    }

    #[test]
    fn help_stands_under_headings() {
        let help = parse("burdock worker --help").unwrap_err().to_string();
        for heading in [
            "Workflows:",
            "Slots and cache:",
            "Activities:",
            "Payload codecs:",
            "Connection:",
            "Observability:",
            "Shutdown:",
        ] {
            assert!(
                help.lines().any(|line| line == heading),
                "{heading}\n{help}"
            );
        }
    }

    #[test]
    fn dev_and_config_take_the_flags_of_the_worker() {
        let dev = parse("burdock dev --bundle b.js --port 7233 --temporal-cli t").unwrap();
        let Command::Dev(dev) = dev.command else {
            panic!("{dev:?}");
        };
        assert_eq!(dev.worker.text("bundle"), Some("b.js"));
        assert_eq!(dev.port.as_deref(), Some("7233"));
        let config = parse("burdock config --isolates 3 --output json").unwrap();
        let Command::Config(config) = config.command else {
            panic!("{config:?}");
        };
        assert_eq!(config.worker.text("isolates"), Some("3"));
        assert_eq!(config.output, OutputFormat::Json);
    }
}
