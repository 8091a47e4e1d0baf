//! Work of the control plane that waits for the disk.
