//! A process of the engine's driver on a free port of loopback.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Engine;

/// A running driver; it is killed when dropped.
pub struct Driver {
    child: Child,
    pub url: String,
}

impl Driver {
    /// Starts it. Another process can take its port in between; then it ends, and is started once more.
    pub fn start(engine: Engine) -> Self {
        (0..5).find_map(|_| Self::try_start(engine)).expect("the driver listens on a port")
    }

    fn try_start(engine: Engine) -> Option<Self> {
        // WebKit's driver has to be told its port.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (program, more, package) = match engine {
            Engine::Chromium => ("chromedriver", None, "chromium-driver"),
            Engine::Firefox => {
                ("geckodriver", Some("--websocket-port=0"), "firefox-esr, and cargo install geckodriver")
            }
            Engine::WebKit => ("WebKitWebDriver", None, "webkit2gtk-driver"),
        };
        let child = Command::new(program)
            .arg(format!("--port={port}"))
            .args(more)
            // Chromium takes its own language from here: that of the parts of a date field.
            .env("LANGUAGE", "en_US")
            .env("TZ", "Europe/Oslo")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("These tests need {program} on PATH: apt-get install {package} ({error})"));
        let mut driver = Self { child, url: format!("http://127.0.0.1:{port}") };
        let mut is_ready = || {
            std::thread::sleep(Duration::from_millis(20));
            TcpStream::connect(("127.0.0.1", port)).is_ok() || driver.child.try_wait().unwrap().is_some()
        };
        let _ = (0..1_000).any(|_| is_ready());
        driver.child.try_wait().unwrap().is_none().then_some(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
