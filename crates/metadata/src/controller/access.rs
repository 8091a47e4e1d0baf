//! What a request's principal may do: asked by decisions, answered by whoever knows ACLs and quotas.

/// What a principal may do with topics. The default is everything, as without an authorizer.
pub trait TopicAccess {
    /// Whether it may create this topic.
    fn may_create(&self, _topic: &str) -> bool {
        true
    }

    /// Whether it may know that this topic exists.
    fn may_describe(&self, _topic: &str) -> bool {
        true
    }

    /// Whether it may see this topic's configs.
    fn may_describe_configs(&self, _topic: &str) -> bool {
        true
    }

    /// Whether it may delete this topic.
    fn may_delete(&self, _topic: &str) -> bool {
        true
    }

    /// Whether it may add partitions to this topic.
    fn may_alter(&self, _topic: &str) -> bool {
        true
    }
}

/// A principal that may do everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl TopicAccess for AllowAll {}

/// The budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaExceeded {
    /// How long to wait before the next try, in milliseconds.
    pub throttle_time_ms: i32,
}

/// A principal's budget of partition mutations (KIP-599).
pub trait MutationQuota {
    /// Takes the creation or deletion of `partitions` partitions out of the budget.
    ///
    /// Errors: the budget is used up; nothing is taken.
    fn charge(&mut self, partitions: usize) -> Result<(), QuotaExceeded>;
}

/// A budget without bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

impl MutationQuota for Unlimited {
    fn charge(&mut self, _partitions: usize) -> Result<(), QuotaExceeded> {
        Ok(())
    }
}
