//! Formatting, and what it refuses.

use ottla_storage::io::read_file;
use ottla_storage::io::simulated::{SimulatedDisk, Survival};

use super::*;

const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";
const NOW: Timestamp = Timestamp(1_795_513_882_335);

fn options(dirs: &[&str]) -> FormatOptions {
    FormatOptions {
        cluster_id: Some(CLUSTER.into()),
        node_id: BrokerId(1),
        log_dirs: dirs.iter().map(PathBuf::from).collect(),
        metadata_log_dir: dirs[0].into(),
        metadata_version: MetadataVersion::LATEST_PRODUCTION,
        features: BTreeMap::new(),
        quorum: InitialQuorum::Standalone(endpoint()),
        scram_credentials: Vec::new(),
        ignore_formatted: false,
    }
}

fn endpoint() -> VoterEndpoint {
    VoterEndpoint { listener: "CONTROLLER".into(), host: "127.0.0.1".into(), port: 26093 }
}

fn read(disk: &Arc<dyn Disk>, path: &str) -> Option<Vec<u8>> {
    read_file(&**disk, Path::new(path), 1 << 20).unwrap()
}

#[test]
fn a_dynamic_quorum_of_one_names_itself_in_the_first_snapshot() {
    let disk = SimulatedDisk::new(0).shared();
    let formatted = format(&disk, &options(&["/a", "/b"]), NOW, 1).unwrap();
    let kinds: Vec<_> =
        formatted.directories.iter().map(|(path, kind, _)| (path.to_str().unwrap(), *kind)).collect();
    assert_eq!(kinds, [("/a", DirectoryKind::DynamicMetadataVoter), ("/b", DirectoryKind::Data)]);
    let bytes = read(&disk, "/a/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint").unwrap();
    let voters = VoterSet::from_record(&snapshot::decode(&bytes).unwrap().voters.unwrap());
    let key = ReplicaKey { id: BrokerId(1), directory_id: Some(formatted.directories[0].2) };
    assert!(voters.is_only_voter(key));
    // The sizes of Apache Kafka 4.3.1's files for the same input.
    assert_eq!(bytes.len(), 241);
    assert_eq!(read(&disk, "/a/bootstrap.checkpoint").unwrap().len(), 411);
    assert_eq!(read(&disk, "/b/bootstrap.checkpoint").unwrap().len(), 411);
    assert_eq!(read(&disk, "/b/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"), None);
    assert_ne!(formatted.directories[0].2, formatted.directories[1].2);
}

#[test]
fn a_static_quorum_leaves_no_snapshot() {
    let disk = SimulatedDisk::new(0).shared();
    let options = FormatOptions { quorum: InitialQuorum::Static, ..options(&["/a"]) };
    format(&disk, &options, NOW, 1).unwrap();
    assert!(disk.list(Path::new("/a/__cluster_metadata-0")).is_err());
    let found = info(&*disk, &["/a".into()]);
    let directory_id = found.metadata.as_ref().unwrap().directory_id.unwrap();
    assert_eq!(
        found.to_string(),
        format!(
            "Found log directory:\n  /a\n\nFound metadata: {{cluster.id={CLUSTER}, directory.id={directory_id}, \
             node.id=1, version=1}}\n\n"
        )
    );
}

#[test]
fn formatted_directories_are_refused_or_left_alone() {
    let disk = SimulatedDisk::new(0).shared();
    format(&disk, &options(&["/a"]), NOW, 1).unwrap();
    let before = read(&disk, "/a/meta.properties");
    let again = format(&disk, &options(&["/a", "/b"]), NOW, 2);
    assert!(matches!(again, Err(FormatError::AlreadyFormatted(path)) if path == Path::new("/a")));
    assert_eq!(read(&disk, "/b/meta.properties"), None);
    // Without a cluster id the others join the cluster of those that are formatted.
    let more = FormatOptions { ignore_formatted: true, cluster_id: None, ..options(&["/a", "/b"]) };
    let formatted = format(&disk, &more, NOW, 2).unwrap();
    assert_eq!((formatted.cluster_id.as_str(), formatted.directories.len()), (CLUSTER, 1));
    assert_eq!(read(&disk, "/a/meta.properties"), before);
    let none = format(&disk, &more, NOW, 3).unwrap();
    assert_eq!(none.to_string(), "All of the log directories are already formatted.\n");
}

#[test]
fn directories_of_another_cluster_or_node_are_refused() {
    let disk = SimulatedDisk::new(0).shared();
    format(&disk, &options(&["/a"]), NOW, 1).unwrap();
    let other =
        FormatOptions { ignore_formatted: true, cluster_id: Some("x".into()), ..options(&["/a", "/b"]) };
    assert!(matches!(format(&disk, &other, NOW, 1), Err(FormatError::OtherCluster { .. })));
    let other = FormatOptions { ignore_formatted: true, node_id: BrokerId(2), ..options(&["/a", "/b"]) };
    assert!(matches!(format(&disk, &other, NOW, 1), Err(FormatError::OtherNode { .. })));
}

#[test]
fn kraft_version_goes_with_the_quorum() {
    let with = |quorum, level| {
        let features = BTreeMap::from([("kraft.version".to_string(), level)]);
        let disk = SimulatedDisk::new(0).shared();
        format(&disk, &FormatOptions { quorum, features, ..options(&["/a"]) }, NOW, 1).map(|_| ())
    };
    assert!(with(InitialQuorum::Static, 0).is_ok());
    assert!(with(InitialQuorum::Standalone(endpoint()), 1).is_ok());
    assert!(matches!(with(InitialQuorum::Static, 1), Err(FormatError::KRaftVersion { level: 1, .. })));
    let zero = with(InitialQuorum::Standalone(endpoint()), 0);
    assert!(matches!(zero, Err(FormatError::KRaftVersion { level: 0, .. })));
    assert!(matches!(with(InitialQuorum::Unknown, 2), Err(FormatError::Features(_))));
}

#[test]
fn the_metadata_directory_of_a_listed_controller_gets_its_listed_id() {
    let listed = DirectoryId("8iDmb7qXRf6M6K97rN1vHg".parse().unwrap());
    let controller =
        |id, directory| (ReplicaKey { id: BrokerId(id), directory_id: Some(directory) }, endpoint());
    let other = DirectoryId("MkU3OEVBNTcwNTJENDM2Qg".parse().unwrap());
    let quorum = InitialQuorum::Controllers(vec![controller(1, listed), controller(2, other)]);
    let disk = SimulatedDisk::new(0).shared();
    let formatted = format(&disk, &FormatOptions { quorum, ..options(&["/a"]) }, NOW, 1).unwrap();
    assert_eq!(formatted.directories, [("/a".into(), DirectoryKind::DynamicMetadataVoter, listed)]);
}

#[test]
fn a_crash_at_any_operation_leaves_directories_that_can_be_formatted_again() {
    let operations = {
        let disk = SimulatedDisk::new(0);
        format(&disk.shared(), &options(&["/a", "/b"]), NOW, 1).unwrap();
        disk.operations()
    };
    let survivals =
        [Survival::Everything, Survival::Nothing, Survival::Prefix, Survival::Sectors { size: 512 }];
    for (at, survival) in (0..operations).flat_map(|at| survivals.map(|survival| (at, survival))) {
        let disk = SimulatedDisk::new(at);
        disk.cut_power_at(at, 7);
        let _ = format(&disk.shared(), &options(&["/a", "/b"]), NOW, 1);
        disk.crash(survival);
        let again = FormatOptions { ignore_formatted: true, ..options(&["/a", "/b"]) };
        let formatted = format(&disk.shared(), &again, NOW, 2);
        formatted.unwrap_or_else(|error| panic!("crash at {at}, {survival:?}: {error}"));
        let problems = info(&*disk.shared(), &["/a".into(), "/b".into()]).problems;
        assert_eq!(problems, Vec::<String>::new(), "crash at {at}, {survival:?}");
    }
}

#[test]
fn scram_credentials_stand_behind_the_features_in_the_bootstrap_records() {
    let disk = SimulatedDisk::new(0).shared();
    let credential = UserScramCredentialRecord { name: "alice".into(), mechanism: 1, ..Default::default() };
    let with = FormatOptions { scram_credentials: vec![credential.clone()], ..options(&["/a"]) };
    let old = FormatOptions { metadata_version: "3.5-IV1".parse().unwrap(), ..with.clone() };
    assert_eq!(
        format(&disk, &old, NOW, 1).unwrap_err().to_string(),
        "SCRAM is only supported in metadata.version 3.5-IV2 or later."
    );
    format(&disk, &with, NOW, 1).unwrap();
    let stored = BootstrapMetadata::decode(&read(&disk, "/a/bootstrap.checkpoint").unwrap()).unwrap();
    assert_eq!(stored.records.last(), Some(&credential.into()));
    assert_eq!(
        stored.records[..stored.records.len() - 1],
        BootstrapMetadata::new(with.metadata_version, &BTreeMap::new()).unwrap().records
    );
}
