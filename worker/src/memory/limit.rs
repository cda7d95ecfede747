//! How much memory this process may use: the smallest of all limits that apply to it.

use super::cgroup::{self, CgroupLimit};
use super::ecs;
use super::process::kib_field;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// Who states a memory limit. Serialised and shown in kebab case, `cgroup-v2` for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryLimitSource {
    /// The worker's own setting.
    Explicit,
    /// ECS task metadata v4, `Limits.Memory` of the container.
    EcsContainer,
    /// ECS task metadata v4, `Limits.Memory` of the task.
    EcsTask,
    /// Control group version 2, `memory.max` of the group or of a parent.
    CgroupV2,
    /// Control group version 1, `memory.limit_in_bytes` of the group or of a parent.
    CgroupV1,
    /// Control group version 1, `hierarchical_memory_limit` in `memory.stat`.
    CgroupV1Hierarchical,
    /// The machine's memory, `MemTotal` in `/proc/meminfo`.
    MemTotal,
}

impl MemoryLimitSource {
    /// The name in `/status`, in metrics and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::EcsContainer => "ecs-container",
            Self::EcsTask => "ecs-task",
            Self::CgroupV2 => "cgroup-v2",
            Self::CgroupV1 => "cgroup-v1",
            Self::CgroupV1Hierarchical => "cgroup-v1-hierarchical",
            Self::MemTotal => "mem-total",
        }
    }
}

impl fmt::Display for MemoryLimitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One limit that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLimitCandidate {
    /// Who states it.
    pub source: MemoryLimitSource,
    /// The limit in bytes.
    pub bytes: u64,
    /// The file, address or setting that holds it.
    pub origin: String,
}

/// The limit that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryLimit {
    /// The limit in bytes.
    pub bytes: u64,
    /// Who states it.
    pub source: MemoryLimitSource,
    /// Every limit that was found, in the order asked; for the start-up log.
    pub candidates: Vec<MemoryLimitCandidate>,
    /// A sentence per source that should have answered and did not.
    pub failures: Vec<String>,
}

impl MemoryLimit {
    /// What an operator should hear about this result, if anything.
    pub fn warning(&self) -> Option<String> {
        if self.source != MemoryLimitSource::MemTotal {
            return None;
        }
        Some(format!(
            "no memory limit was found for this container, so the machine's {} bytes are taken \
             as the limit: set `memory-limit` if the process may use less",
            self.bytes
        ))
    }
}

/// Where to look. [`MemorySources::detected`] is the real place; tests give others.
#[derive(Debug, Clone)]
pub struct MemorySources {
    /// The worker's own setting in bytes.
    pub explicit_bytes: Option<u64>,
    /// Value of `ECS_CONTAINER_METADATA_URI_V4`.
    pub ecs_metadata_uri: Option<String>,
    /// The directory that holds `proc` and `sys`.
    pub root: PathBuf,
}

impl MemorySources {
    /// This process's environment and file system.
    pub fn detected(explicit_bytes: Option<u64>) -> Self {
        Self {
            explicit_bytes,
            ecs_metadata_uri: std::env::var(ecs::METADATA_URI_VARIABLE)
                .ok()
                .filter(|uri| !uri.is_empty()),
            root: PathBuf::from("/"),
        }
    }
}

/// Asks every source and takes the smallest limit, the earlier source on a tie. `None` when not
/// even `MemTotal` can be read.
pub async fn find_memory_limit(sources: &MemorySources) -> Option<MemoryLimit> {
    let mut candidates = Vec::new();
    let mut failures = Vec::new();
    if let Some(bytes) = sources.explicit_bytes {
        candidates.push(MemoryLimitCandidate {
            source: MemoryLimitSource::Explicit,
            bytes,
            origin: "the worker's configuration".to_owned(),
        });
    }
    if let Some(uri) = &sources.ecs_metadata_uri {
        ask_ecs(uri, &mut candidates, &mut failures).await;
    }
    candidates.extend(cgroup_candidates(sources));
    candidates.extend(mem_total(sources));
    choose(candidates, failures)
}

/// The rule: the smallest, the first of equals.
fn choose(candidates: Vec<MemoryLimitCandidate>, failures: Vec<String>) -> Option<MemoryLimit> {
    let smallest = candidates.iter().min_by_key(|found| found.bytes)?;
    Some(MemoryLimit {
        bytes: smallest.bytes,
        source: smallest.source,
        failures,
        candidates,
    })
}

async fn ask_ecs(
    uri: &str,
    candidates: &mut Vec<MemoryLimitCandidate>,
    failures: &mut Vec<String>,
) {
    let task_url = ecs::task_url(uri);
    let (container, task) = tokio::join!(
        ecs::memory_limit_bytes(uri),
        ecs::memory_limit_bytes(&task_url)
    );
    let answers = [
        (MemoryLimitSource::EcsContainer, uri, container),
        (MemoryLimitSource::EcsTask, task_url.as_str(), task),
    ];
    for (source, url, answer) in answers {
        match answer {
            Ok(Some(bytes)) => candidates.push(MemoryLimitCandidate {
                source,
                bytes,
                origin: url.to_owned(),
            }),
            Ok(None) => {}
            Err(reason) => failures.push(reason),
        }
    }
}

fn cgroup_candidates(sources: &MemorySources) -> impl Iterator<Item = MemoryLimitCandidate> {
    let limits = cgroup::read_limits(&sources.root);
    let found: [(MemoryLimitSource, Option<CgroupLimit>); 3] = [
        (MemoryLimitSource::CgroupV2, limits.v2),
        (MemoryLimitSource::CgroupV1, limits.v1),
        (
            MemoryLimitSource::CgroupV1Hierarchical,
            limits.v1_hierarchical,
        ),
    ];
    found.into_iter().filter_map(|(source, limit)| {
        limit.map(|limit| MemoryLimitCandidate {
            source,
            bytes: limit.bytes,
            origin: limit.file.display().to_string(),
        })
    })
}

fn mem_total(sources: &MemorySources) -> Option<MemoryLimitCandidate> {
    let file = sources.root.join("proc/meminfo");
    let text = std::fs::read_to_string(&file).ok()?;
    Some(MemoryLimitCandidate {
        source: MemoryLimitSource::MemTotal,
        bytes: kib_field(&text, "MemTotal")?,
        origin: file.display().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const MEMINFO: &str = "MemTotal:        8000000 kB\nMemFree:         1000 kB\n";

    fn sources(files: &[(&str, &str)]) -> (MemorySources, tempfile::TempDir) {
        let root = tempfile::tempdir().expect("temp dir");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("mkdir");
            fs::write(path, text).expect("write");
        }
        let sources = MemorySources {
            explicit_bytes: None,
            ecs_metadata_uri: None,
            root: root.path().to_path_buf(),
        };
        (sources, root)
    }

    fn with_cgroup(bytes: &str) -> (MemorySources, tempfile::TempDir) {
        sources(&[
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", bytes),
            ("proc/meminfo", MEMINFO),
        ])
    }

    async fn ecs_server(container: &'static str, task: &'static str) -> String {
        use axum::routing::get;
        let app = axum::Router::new()
            .route("/v4/box", get(move || async move { container }))
            .route("/v4/box/task", get(move || async move { task }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("bind");
        let uri = format!("http://{}/v4/box", listener.local_addr().expect("address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        uri
    }

    #[test]
    fn serialises_the_names_that_it_shows() {
        for source in [
            MemoryLimitSource::Explicit,
            MemoryLimitSource::EcsContainer,
            MemoryLimitSource::EcsTask,
            MemoryLimitSource::CgroupV2,
            MemoryLimitSource::CgroupV1,
            MemoryLimitSource::CgroupV1Hierarchical,
            MemoryLimitSource::MemTotal,
        ] {
            let json = serde_json::to_value(source).expect("a string");
            assert_eq!(json, source.to_string());
        }
    }

    #[tokio::test]
    async fn takes_the_smallest_and_lists_all() {
        let (mut sources, _root) = with_cgroup("1000000000\n");
        sources.explicit_bytes = Some(2_000_000_000);
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(
            (limit.bytes, limit.source),
            (1_000_000_000, MemoryLimitSource::CgroupV2)
        );
        let all: Vec<_> = limit.candidates.iter().map(|found| found.source).collect();
        assert_eq!(
            all,
            [
                MemoryLimitSource::Explicit,
                MemoryLimitSource::CgroupV2,
                MemoryLimitSource::MemTotal
            ]
        );
        assert!(
            limit.candidates[1]
                .origin
                .ends_with("sys/fs/cgroup/memory.max")
        );
        assert_eq!(limit.warning(), None);
    }

    #[tokio::test]
    async fn the_first_source_wins_a_tie() {
        let (mut sources, _root) = with_cgroup("1000000000\n");
        sources.explicit_bytes = Some(1_000_000_000);
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(limit.source, MemoryLimitSource::Explicit);
    }

    #[tokio::test]
    async fn a_fargate_task_limit_is_seen_where_the_cgroup_says_max() {
        let (mut sources, _root) = with_cgroup("max\n");
        let uri = ecs_server(r#"{"Limits":{"CPU":2}}"#, r#"{"Limits":{"Memory":4096}}"#).await;
        sources.ecs_metadata_uri = Some(uri.clone());
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(
            (limit.bytes, limit.source),
            (4096 << 20, MemoryLimitSource::EcsTask)
        );
        assert_eq!(limit.candidates[0].origin, format!("{uri}/task"));
        assert!(limit.failures.is_empty(), "{:?}", limit.failures);
    }

    #[tokio::test]
    async fn a_container_limit_below_the_task_s_wins() {
        let (mut sources, _root) = with_cgroup("max\n");
        let container = r#"{"Limits":{"Memory":512}}"#;
        let uri = ecs_server(container, r#"{"Limits":{"Memory":4096}}"#).await;
        sources.ecs_metadata_uri = Some(uri);
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(
            (limit.bytes, limit.source),
            (512 << 20, MemoryLimitSource::EcsContainer)
        );
    }

    #[tokio::test]
    async fn an_unreadable_metadata_address_is_reported_and_not_fatal() {
        let (mut sources, _root) = with_cgroup("1000000000\n");
        sources.ecs_metadata_uri = Some("https://169.254.170.2/v4/x".to_owned());
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(limit.source, MemoryLimitSource::CgroupV2);
        assert_eq!(limit.failures.len(), 2, "{:?}", limit.failures);
    }

    #[tokio::test]
    async fn without_a_limit_the_machine_counts_with_a_warning() {
        let (sources, _root) = with_cgroup("max\n");
        let limit = find_memory_limit(&sources).await.expect("found");
        assert_eq!(
            (limit.bytes, limit.source),
            (8_000_000 << 10, MemoryLimitSource::MemTotal)
        );
        let warning = limit.warning().expect("a warning");
        assert!(warning.contains("`memory-limit`"), "{warning}");
    }

    #[tokio::test]
    async fn nothing_readable_is_none() {
        let (sources, _root) = sources(&[]);
        assert_eq!(find_memory_limit(&sources).await, None);
    }

    #[tokio::test]
    async fn finds_something_on_this_machine() {
        let sources = MemorySources {
            ecs_metadata_uri: None,
            ..MemorySources::detected(None)
        };
        let limit = find_memory_limit(&sources)
            .await
            .expect("Linux has MemTotal");
        assert!(
            limit.bytes > 0 && limit.bytes < cgroup::UNLIMITED_FROM_BYTES,
            "{limit:?}"
        );
    }
}
