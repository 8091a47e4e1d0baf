//! How a log is agreed: the KRaft quorum and the in-sync replicas of a partition.
