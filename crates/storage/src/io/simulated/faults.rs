//! Which operations fail, and how.

use std::io;

use crate::io::Operation;

/// How much of what was not synced is on the disk after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// Everything: the process was killed, the machine lived on.
    Everything,
    /// Nothing: the page cache is gone.
    Nothing,
    /// Everything up to some point in time, the write at that point up to some byte.
    Prefix,
    /// Any of it: of each sector, and of each directory, the changes up to some point. Bytes that were lost before ones that were
    /// not read as zeros. Sizes are in bytes.
    Sectors {
        /// Size of a sector.
        size: u32,
    },
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An I/O error (`EIO`). Of a failed write, so many bytes reach the page cache; of a failed sync, nothing will ever reach the
    /// disk, and the next sync succeeds: that is how Linux does it.
    Io {
        /// Bytes of a failed write.
        torn: usize,
    },
    /// Too many files are open (`EMFILE`).
    TooManyFiles,
    /// The disk is full (`ENOSPC`). Of a failed write, so many bytes reach the page cache.
    Full {
        /// Bytes of a failed write.
        torn: usize,
    },
}

/// A fault to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which operations it can hit; `None` is all.
    pub operation: Option<Operation>,
    /// How many of them pass before it.
    pub after: u64,
    /// How many it hits.
    pub count: u64,
    /// What goes wrong.
    pub kind: FaultKind,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    operations: u64,
    power_cut: Option<(u64, usize)>,
    pending: Vec<Fault>,
    torn: usize,
    power_is_cut: bool,
}

impl Faults {
    pub(super) const fn operations(&self) -> u64 {
        self.operations
    }

    pub(super) fn cut_power_at(&mut self, operation: u64, torn: usize) {
        self.power_cut = Some((operation, torn));
    }

    pub(super) fn inject(&mut self, fault: Fault) {
        self.pending.push(fault);
    }

    pub(super) fn lift(&mut self) -> usize {
        let count = self.pending.len();
        self.pending.clear();
        self.power_cut = None;
        self.power_is_cut = false;
        self.torn = 0;
        count
    }

    /// Bytes of the write that has just failed which reach the page cache.
    pub(super) fn take_torn(&mut self) -> usize {
        std::mem::take(&mut self.torn)
    }

    /// Whether failures are those of a machine without power, which do not go on to lose what a crash may keep.
    pub(super) const fn power_is_cut(&self) -> bool {
        self.power_is_cut
    }

    pub(super) fn begin(&mut self, operation: Operation) -> io::Result<()> {
        self.operations += 1;
        self.torn = 0;
        if let Some((at, torn)) = self.power_cut
            && self.operations >= at
        {
            if self.operations == at {
                self.torn = torn;
            }
            self.power_is_cut = true;
            return Err(io::Error::other("the power is cut"));
        }
        let matches = |fault: &Fault| fault.operation.is_none_or(|wanted| wanted == operation);
        let mut hit = None;
        for fault in self.pending.iter_mut().filter(|fault| matches(fault)) {
            if fault.after > 0 {
                fault.after -= 1;
            } else if fault.count > 0 && hit.is_none() {
                fault.count -= 1;
                hit = Some(fault.kind);
            }
        }
        self.pending.retain(|fault| fault.count > 0);
        match hit {
            None => Ok(()),
            Some(FaultKind::Io { torn }) => {
                self.torn = torn;
                Err(io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error()))
            }
            Some(FaultKind::TooManyFiles) => {
                Err(io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error()))
            }
            Some(FaultKind::Full { torn }) => {
                self.torn = torn;
                Err(io::ErrorKind::StorageFull.into())
            }
        }
    }
}
