//! Why a file was refused as a workflow bundle, one variant per remedy.

use std::{io, path::PathBuf};

use crate::sdk_version::{SUPPORTED_FIRST, SUPPORTED_LAST, SdkVersion};

/// A bundle that cannot be used. Each message says what is wrong, with which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(
        "there is no workflow bundle at {path}: correct the path, or write the file first with \
         bundleWorkflowCode of @temporalio/worker"
    )]
    Missing { path: PathBuf },

    #[error("the workflow bundle {path} is a directory: name the bundle file in it")]
    Directory { path: PathBuf },

    #[error(
        "the workflow bundle {path} cannot be read ({cause}): let the user of this process read it"
    )]
    Unreadable { path: PathBuf, cause: io::Error },

    #[error(
        "the workflow bundle {file} is larger than {limit_bytes} bytes, the longest script that V8 \
         takes: exclude modules from it (bundleWorkflowCode's ignoreModules)"
    )]
    TooLarge { file: String, limit_bytes: u64 },

    #[error(
        "the workflow bundle {file} is not UTF-8 text (byte {offset}): copy the file in binary mode \
         or bundle again"
    )]
    NotUtf8 { file: String, offset: usize },

    #[error(
        "the workflow bundle {file} is empty: bundle again, and check that the disk was not full"
    )]
    Empty { file: String },

    #[error("{file} is not a workflow bundle, it looks like {lookalike}: {}", lookalike.remedy())]
    NotABundle { file: String, lookalike: Lookalike },

    #[error(
        "the workflow bundle {file} carries the Temporal TypeScript SDK {found}, but this worker \
         runs {}.{} to {}.{}: bundle again with @temporalio/worker of a supported version",
        SUPPORTED_FIRST.0, SUPPORTED_FIRST.1, SUPPORTED_LAST.0, SUPPORTED_LAST.1
    )]
    UnsupportedSdk { file: String, found: SdkVersion },

    /// Releases before 1.20 patch webpack's output by an exact text, which a minifier rewrites and
    /// webpack 5.108 changed (`var` to `const`). (1.16 to 1.18 know both words and refuse to write
    /// what they cannot patch.) An unpatched bundle keeps a module cache of its own.
    #[error(
        "the workflow bundle {file} (SDK {sdk}) does not use globalThis.__webpack_module_cache__, so \
         that its runs would share their module state: bundle again with @temporalio/worker 1.20 \
         or newer, or unminified with webpack below 5.108"
    )]
    NoModuleCache { file: String, sdk: SdkVersion },

    #[error(
        "the workflow bundle {file} has no inline source map, {found}: bundle again and leave \
         webpack's devtool at 'inline-source-map'"
    )]
    NoSourceMap { file: String, found: MissingMap },

    #[error(
        "the source map in the workflow bundle {file} is damaged, {defect}: bundle again or copy the \
         file again"
    )]
    DamagedSourceMap { file: String, defect: MapDefect },
}

/// What a file that is no workflow bundle seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookalike {
    /// A JSON document that is not a source map, such as a serialized `{ code }` object.
    Json,
    /// A `.map` file.
    SourceMapFile,
    /// Markup, such as the error page of a download.
    Html,
    /// An ES module or TypeScript source: it has top-level `import` or `export`.
    Module,
    /// A webpack bundle whose library is not `__TEMPORAL__`.
    OtherWebpackBundle,
    /// Anything else.
    OtherScript,
}

impl Lookalike {
    fn describe(self) -> &'static str {
        match self {
            Self::Json => "a JSON document",
            Self::SourceMapFile => "a source map file",
            Self::Html => "an HTML page",
            Self::Module => "an ES module or TypeScript source",
            Self::OtherWebpackBundle => "a webpack bundle without the library __TEMPORAL__",
            Self::OtherScript => "some other script",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Json => "write only the `code` that bundleWorkflowCode returns to the file",
            Self::SourceMapFile => "name the .js file that bundleWorkflowCode wrote",
            Self::Html => "download the bundle again and check what the server answered",
            Self::Module | Self::OtherScript => {
                "pass it as workflowsPath to bundleWorkflowCode of @temporalio/worker and name the \
                 file that this writes"
            }
            Self::OtherWebpackBundle => {
                "build it with bundleWorkflowCode of @temporalio/worker, and leave output.library in \
                 webpackConfigHook alone"
            }
        }
    }
}

impl std::fmt::Display for Lookalike {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.describe())
    }
}

/// What stands where the inline source map should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingMap {
    /// No `//# sourceMappingURL=` line.
    NoComment,
    /// The comment points to another file.
    External(String),
    /// The modules are strings with maps of their own (webpack's `eval-*` devtools).
    Eval,
}

impl std::fmt::Display for MissingMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoComment => f.write_str("it ends without a //# sourceMappingURL=data: line"),
            Self::External(url) => write!(f, "its map is in another file ({url})"),
            Self::Eval => f.write_str("its modules are strings for eval()"),
        }
    }
}

/// What is wrong with an inline source map.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapDefect {
    #[error("its data URL is not base64")]
    NotBase64,
    #[error("its base64 text is broken ({0})")]
    Base64(String),
    #[error("its JSON is broken ({0})")]
    Json(String),
    #[error("it is of version {found}, not 3")]
    Version { found: String },
    #[error("it consists of sections, which webpack does not write")]
    Sections,
    /// `offset` is a byte offset in the `mappings` string.
    #[error("its mappings are broken at byte {offset} ({reason})")]
    Mappings { offset: usize, reason: &'static str },
}
