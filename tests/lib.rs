//! Nothing of its own: the workspace's end-to-end tests live beside this file.
