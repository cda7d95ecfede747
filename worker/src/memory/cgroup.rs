//! The memory limit of the process's control group, versions 1 and 2 and both at once (hybrid).
//!
//! `/proc/self/cgroup` names the group. A container usually sees its own group mounted as the
//! root of `/sys/fs/cgroup`, while the file may still name the path on the host, so every
//! directory from the named one up to the mount point is asked and missing ones are passed over.
//! Parents count: the tightest limit on the way up is the one that kills.
//! (Kernel: admin-guide/cgroup-v2.rst `memory.max`, cgroup-v1/memory.rst.)

use std::fs;
use std::path::{Component, Path, PathBuf};

/// Version 1 prints "no limit" as a number near 2^63 rounded to pages; nothing real is this big.
pub(super) const UNLIMITED_FROM_BYTES: u64 = 1 << 60;

/// A limit and the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CgroupLimit {
    pub bytes: u64,
    pub file: PathBuf,
}

/// Where `/proc/self/cgroup` puts this process; each path is relative to its mount point.
#[derive(Debug, Default, PartialEq, Eq)]
struct Membership {
    v2: Option<PathBuf>,
    v1_memory: Option<PathBuf>,
}

/// The limits found below `root` (`/` outside tests).
#[derive(Debug, Default)]
pub(super) struct CgroupLimits {
    pub v2: Option<CgroupLimit>,
    pub v1: Option<CgroupLimit>,
    pub v1_hierarchical: Option<CgroupLimit>,
}

pub(super) fn read_limits(root: &Path) -> CgroupLimits {
    let Ok(text) = fs::read_to_string(root.join("proc/self/cgroup")) else {
        return CgroupLimits::default();
    };
    let membership = parse_membership(&text);
    let base = root.join("sys/fs/cgroup");
    let mut found = CgroupLimits::default();
    if let Some(path) = &membership.v2 {
        // A hybrid host mounts version 2 below `unified`, without a memory controller as a rule.
        let mounts = [base.clone(), base.join("unified")];
        found.v2 = tightest(mounts.iter().flat_map(|mount| {
            directories_up(mount, path).filter_map(|dir| limit_in(dir.join("memory.max")))
        }));
    }
    if let Some(path) = &membership.v1_memory {
        let mount = base.join("memory");
        found.v1 = tightest(
            directories_up(&mount, path)
                .filter_map(|dir| limit_in(dir.join("memory.limit_in_bytes"))),
        );
        found.v1_hierarchical =
            directories_up(&mount, path).find_map(|dir| hierarchical_in(dir.join("memory.stat")));
    }
    found
}

fn parse_membership(text: &str) -> Membership {
    let mut membership = Membership::default();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(id), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if id == "0" && controllers.is_empty() {
            membership.v2 = Some(inside_mount(path));
        } else if controllers.split(',').any(|name| name == "memory") {
            membership.v1_memory = Some(inside_mount(path));
        }
    }
    membership
}

/// The group's path below the mount point. A path that leads out of the namespace (`/../..`) is
/// not visible from here: what remains is the mount point itself.
fn inside_mount(path: &str) -> PathBuf {
    let path = Path::new(path);
    if path.components().any(|part| part == Component::ParentDir) {
        return PathBuf::new();
    }
    path.strip_prefix("/").unwrap_or(path).to_path_buf()
}

/// `mount/path`, its parents, and at last `mount`.
fn directories_up<'a>(mount: &'a Path, path: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
    path.ancestors().map(|part| mount.join(part))
}

fn tightest(limits: impl Iterator<Item = CgroupLimit>) -> Option<CgroupLimit> {
    limits.min_by_key(|limit| limit.bytes)
}

fn limit_in(file: PathBuf) -> Option<CgroupLimit> {
    let bytes = parse_limit(&fs::read_to_string(&file).ok()?)?;
    Some(CgroupLimit { bytes, file })
}

fn hierarchical_in(file: PathBuf) -> Option<CgroupLimit> {
    let text = fs::read_to_string(&file).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix("hierarchical_memory_limit "))?;
    Some(CgroupLimit {
        bytes: parse_limit(value)?,
        file,
    })
}

/// A limit in bytes; `None` for `max`, for version 1's "unlimited" numbers and for 0, with which
/// nothing could run.
fn parse_limit(text: &str) -> Option<u64> {
    let bytes: u64 = text.trim().parse().ok()?;
    (bytes > 0 && bytes < UNLIMITED_FROM_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "12:pids:/docker/abc\n9:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n";
    const HYBRID: &str = "4:hugetlb,memory:/ecs/task/box\n1:name=systemd:/x\n0::/system.slice\n";

    fn root_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("temp dir");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("mkdir");
            fs::write(path, text).expect("write");
        }
        root
    }

    fn found(limit: &Option<CgroupLimit>, root: &tempfile::TempDir) -> Option<(u64, String)> {
        let limit = limit.as_ref()?;
        let file = limit
            .file
            .strip_prefix(root.path())
            .expect("below the root");
        Some((limit.bytes, file.display().to_string()))
    }

    #[test]
    fn reads_the_three_shapes_of_membership() {
        let v2 = parse_membership("0::/user.slice/app\n");
        assert_eq!(v2.v2, Some(PathBuf::from("user.slice/app")));
        assert_eq!(v2.v1_memory, None);
        let v1 = parse_membership(V1);
        assert_eq!(v1.v2, None);
        assert_eq!(v1.v1_memory, Some(PathBuf::from("docker/abc")));
        let hybrid = parse_membership(HYBRID);
        assert_eq!(hybrid.v2, Some(PathBuf::from("system.slice")));
        assert_eq!(hybrid.v1_memory, Some(PathBuf::from("ecs/task/box")));
        assert_eq!(
            parse_membership("garbage\n:\n9:mem\n"),
            Membership::default()
        );
    }

    #[test]
    fn a_path_out_of_the_namespace_means_the_mount_point() {
        let membership = parse_membership("0::/../../other\n");
        assert_eq!(membership.v2, Some(PathBuf::new()));
    }

    #[test]
    fn v2_takes_the_tightest_limit_on_the_way_up() {
        let root = root_with(&[
            ("proc/self/cgroup", "0::/pod/box/app\n"),
            ("sys/fs/cgroup/pod/box/app/memory.max", "max\n"),
            ("sys/fs/cgroup/pod/box/memory.max", "2147483648\n"),
            ("sys/fs/cgroup/pod/memory.max", "1073741824\n"),
        ]);
        let limits = read_limits(root.path());
        let expected = (1 << 30, "sys/fs/cgroup/pod/memory.max".to_owned());
        assert_eq!(found(&limits.v2, &root), Some(expected));
        assert_eq!(limits.v1, None);
    }

    #[test]
    fn v2_in_a_container_reads_the_mount_point() {
        let root = root_with(&[
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "536870912\n"),
        ]);
        let expected = (512 << 20, "sys/fs/cgroup/memory.max".to_owned());
        assert_eq!(found(&read_limits(root.path()).v2, &root), Some(expected));
    }

    #[test]
    fn v1_falls_back_to_the_mount_point_when_the_host_path_is_hidden() {
        let root = root_with(&[
            ("proc/self/cgroup", V1),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "805306368\n"),
            (
                "sys/fs/cgroup/memory/memory.stat",
                "cache 1\nhierarchical_memory_limit 402653184\nhierarchical_memsw_limit 9\n",
            ),
        ]);
        let limits = read_limits(root.path());
        let plain = "sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned();
        assert_eq!(found(&limits.v1, &root), Some((768 << 20, plain)));
        let stat = "sys/fs/cgroup/memory/memory.stat".to_owned();
        assert_eq!(
            found(&limits.v1_hierarchical, &root),
            Some((384 << 20, stat))
        );
    }

    #[test]
    fn hybrid_asks_both_versions() {
        let root = root_with(&[
            ("proc/self/cgroup", HYBRID),
            (
                "sys/fs/cgroup/unified/system.slice/memory.max",
                "300000000\n",
            ),
            (
                "sys/fs/cgroup/memory/ecs/task/box/memory.limit_in_bytes",
                "200000000\n",
            ),
        ]);
        let limits = read_limits(root.path());
        assert_eq!(limits.v2.map(|limit| limit.bytes), Some(300_000_000));
        assert_eq!(limits.v1.map(|limit| limit.bytes), Some(200_000_000));
    }

    #[test]
    fn unlimited_and_broken_values_are_no_limit() {
        for text in [
            "max",
            "9223372036854771712",
            "1152921504606846976",
            "0",
            "",
            "-1",
            "1k",
        ] {
            assert_eq!(parse_limit(text), None, "{text:?}");
        }
        assert_eq!(
            parse_limit(" 1152921504606846975\n"),
            Some(UNLIMITED_FROM_BYTES - 1)
        );
    }

    #[test]
    fn no_cgroup_file_is_no_limit() {
        let root = root_with(&[]);
        let limits = read_limits(root.path());
        assert!(limits.v2.is_none() && limits.v1.is_none() && limits.v1_hierarchical.is_none());
    }
}
