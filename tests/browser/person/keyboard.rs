//! Keys, pressed wherever the focus is.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key;

use super::page::Page;

/// A key that writes no character.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    Tab,
    Enter,
    Escape,
    Down,
    Space,
}

impl From<Key> for char {
    fn from(pressed: Key) -> Self {
        match pressed {
            Key::Tab => key::Key::Tab.into(),
            Key::Enter => key::Key::Enter.into(),
            Key::Escape => key::Key::Escape.into(),
            Key::Down => key::Key::Down.into(),
            Key::Space => ' ',
        }
    }
}

impl Page {
    pub async fn press(&self, pressed: Key) {
        self.keys(&[pressed.into()]).await;
    }

    /// Types a text.
    pub async fn type_text(&self, text: &str) {
        self.keys(&text.chars().collect::<Vec<_>>()).await;
    }

    /// Presses Tab until the target has the focus, as a person does who looks for it. More than `most` times is a page that
    /// cannot be used by keyboard.
    pub async fn tab_to(&self, name: &str, most: usize) {
        for _ in 0..most {
            self.press(Key::Tab).await;
            if self.focused_name().await == name {
                return;
            }
        }
        panic!("{most} times Tab do not lead to {name:?}");
    }

    /// The name of what has the focus, as the browser tells a screen reader.
    pub async fn focused_name(&self) -> String {
        self.browser.focused_name().await
    }

    async fn keys(&self, keys: &[char]) {
        let actions = keys.iter().fold(KeyActions::new("keyboard".into()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.browser.client().perform_actions(actions).await.unwrap();
    }
}
