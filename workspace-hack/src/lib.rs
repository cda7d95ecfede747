//! Names the features that all crates of the workspace together ask of what they share; holds no code.
