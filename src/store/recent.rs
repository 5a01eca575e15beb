//! Facts that a process keeps, up to a bounded number; the oldest ones are forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limits::MAX_REMEMBERED;

/// The facts of two generations. When the younger one is full, it becomes the older one, which is forgotten: so of
/// [`MAX_REMEMBERED`] facts at least half are kept, and to keep one more takes no search.
#[derive(Debug)]
pub(super) struct Recent<K, V>(Mutex<[HashMap<K, V>; 2]>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.generations().iter().find_map(|generation| generation.get(key).cloned())
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.update(key, |_| value);
    }

    /// Keeps what follows from the fact that is kept under this key, if there is one.
    pub(super) fn update(&self, key: K, next: impl FnOnce(Option<&V>) -> V) {
        let mut generations = self.generations();
        let value = next(generations.iter().find_map(|generation| generation.get(&key)));
        if generations[0].len() >= MAX_REMEMBERED / 2 {
            generations.swap(0, 1);
            generations[0].clear();
        }
        generations[0].insert(key, value);
    }

    fn generations(&self) -> MutexGuard<'_, [HashMap<K, V>; 2]> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_forgets_the_oldest_facts_and_keeps_the_last_value_of_a_key() {
        let recent = Recent::default();
        for nth in 0..3 * MAX_REMEMBERED {
            recent.insert(nth, 0);
            recent.update(nth, |before| before.map_or(0, |_| nth));
            assert_eq!(recent.get(&nth), Some(nth));
            assert!(nth == 0 || recent.get(&(nth - 1)).is_some());
        }
        let kept = (0..3 * MAX_REMEMBERED).filter(|nth| recent.get(nth).is_some()).count();
        assert!((MAX_REMEMBERED / 2..=MAX_REMEMBERED).contains(&kept), "{kept}");
    }
}
