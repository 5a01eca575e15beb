//! Facts that a process keeps, up to a bounded number; the oldest ones are forgotten.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

/// The facts of two generations. When the younger one is full, it becomes the older one, which is forgotten: so of
/// `most` facts at least half are kept, and to keep one more takes no search.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    generations: Mutex<[HashMap<K, V>; 2]>,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self { generations: Mutex::default(), most }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.generations().iter().find_map(|generation| generation.get(key).cloned())
    }

    pub(super) fn insert(&self, key: K, value: V) {
        let mut generations = self.generations();
        if generations[0].len() >= self.most / 2 {
            generations.swap(0, 1);
            generations[0].clear();
        }
        generations[0].insert(key, value);
    }

    fn generations(&self) -> std::sync::MutexGuard<'_, [HashMap<K, V>; 2]> {
        // No code panics while it holds the lock.
        self.generations.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_forgets_the_oldest_facts_and_not_the_newest() {
        const MOST: usize = 100;
        let recent = Recent::new(MOST);
        for nth in 0..3 * MOST {
            recent.insert(nth, nth);
            assert_eq!(recent.get(&nth), Some(nth));
            assert!(nth == 0 || recent.get(&(nth - 1)).is_some());
        }
        let kept = (0..3 * MOST).filter(|nth| recent.get(nth).is_some()).count();
        assert!((MOST / 2..=MOST).contains(&kept), "{kept}");
    }

    #[test]
    fn recent_keeps_the_last_value_of_a_key() {
        let recent = Recent::new(4);
        for value in 0..10 {
            recent.insert("key", value);
            assert_eq!(recent.get(&"key"), Some(value));
        }
    }
}
