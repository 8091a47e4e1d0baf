//! The cluster's state as an immutable image, who may change it (the controller), and the config table.
