//! Choices out of bytes.

/// Reads one byte for each choice. Zero is the first choice, and smaller bytes never choose
/// later ones: shrinking bytes shrinks choices.
pub struct Draw<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Draw<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    pub fn byte(&mut self) -> u8 {
        *self.bytes.next().expect("a byte for each choice")
    }

    /// A number below `count`.
    pub fn index(&mut self, count: usize) -> usize {
        usize::from(self.byte()) * count / 256
    }

    /// One of `choices`; repeat one to have it more often.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }
}
