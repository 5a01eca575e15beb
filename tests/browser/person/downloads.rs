//! Files that the browser has downloaded.

use super::page::Page;
use super::until;

impl Page {
    /// Waits for a download that has this end in its name. Returns its name and what is in it.
    pub async fn downloaded(&self, end: &str) -> (String, Vec<u8>) {
        let folder = self.browser.downloads();
        until(&format!("a download *{end}"), async || {
            let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
            let file = files.filter(|file| file.to_string_lossy().ends_with(end)).max();
            let file = file.ok_or("there is none")?;
            let content = std::fs::read(&file).map_err(|error| error.to_string())?;
            if content.is_empty() {
                return Err("it is empty".into());
            }
            Ok((file.file_name().unwrap().to_string_lossy().into_owned(), content))
        })
        .await
    }

    /// How many files have been downloaded.
    pub fn downloads(&self) -> usize {
        std::fs::read_dir(self.browser.downloads()).unwrap().count()
    }
}
