//! A process of the engine's driver on a free port of loopback.

use std::io::{BufRead, BufReader};
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
        // WebKit's driver takes no port of its own choice, and prints nothing.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (program, arguments, package) = match engine {
            Engine::Chromium => ("chromedriver", vec!["--port=0".to_owned()], "chromium-driver"),
            Engine::Firefox => (
                "geckodriver",
                ["--port", "0", "--websocket-port", "0"].map(str::to_owned).into(),
                "firefox-esr, and cargo install geckodriver",
            ),
            Engine::WebKit => ("WebKitWebDriver", vec![format!("--port={free}")], "webkit2gtk-driver"),
        };
        let mut child = Command::new(program)
            .args(arguments)
            // Chromium takes its own language from here: that of the parts of a date field.
            .env("LANGUAGE", "en_US")
            .env("TZ", "Europe/Oslo")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("These tests need {program} on PATH: apt-get install {package} ({error})"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = match engine {
            Engine::WebKit => (0..100)
                .any(|_| {
                    std::thread::sleep(Duration::from_millis(50));
                    TcpStream::connect(("127.0.0.1", free)).is_ok()
                })
                .then(|| free.to_string()),
            // `ChromeDriver was started successfully on port 42107.` and `… Listening on 127.0.0.1:42107`
            Engine::Chromium | Engine::Firefox => lines.find_map(|line| {
                let port = ["successfully on port ", "Listening on 127.0.0.1:"].map(|mark| line.split_once(mark));
                let (_, port) = port.into_iter().flatten().next()?;
                Some(port.trim_end_matches('.').to_owned())
            }),
        };
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, url: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
