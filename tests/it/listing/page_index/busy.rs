//! A listing that grows fast: `total` is at most ten seconds old and never shrinks, and no list reads 1 MB.

use std::time::Duration;

use dev::{BASE, Call, CodeFixture, TestService};

use super::{codes, head, with_longest_ids};

const SECOND: Duration = Duration::from_secs(1);

/// A listing that is made to grow by so many codes a second, and what is known of it.
struct Growing {
    service: TestService,
    a_second: usize,
    long_ids: bool,
    made: Vec<CodeFixture>,
    /// How many codes there were, second by second.
    sizes: Vec<usize>,
    told: usize,
}

impl Growing {
    /// Codes settle after 20 s: at 500 a second the tail is longer than a list may read all the same, and tests take less.
    async fn new(a_second: usize, long_ids: bool) -> Self {
        let service = TestService::builder().in_process().setting("LISTING_SETTLE_SECONDS", "20").build().await;
        service.fill(&[]).await;
        Self { service, a_second, long_ids, made: Vec::new(), sizes: vec![1], told: 0 }
    }

    async fn grow(&mut self) {
        self.service.clock.advance(SECOND);
        let spacing = SECOND / u32::try_from(self.a_second).unwrap();
        let mut new = codes(self.made.len(), self.a_second, self.service.clock.now(), spacing);
        if self.long_ids {
            new = with_longest_ids(new);
        }
        for (nth, code) in new.iter_mut().enumerate() {
            code.known_id = Some(format!("rc_{:08x}", self.made.len() + nth));
        }
        self.service.fill(&new).await;
        self.made.extend(new);
        // Each `fill` finds the code that it copies: the mentor has one.
        self.sizes.push(self.made.len() + 1);
    }

    /// Lists a page, by another process if one is given, and checks it and its total. Returns the read units.
    async fn list(&mut self, process: Option<&TestService>, page: usize) -> f64 {
        let process = process.unwrap_or(&self.service);
        process.meter.take();
        let answer = process.send(Call::get(&format!("{BASE}?page={page}"))).await.expect(200);
        process.finish_index_work().await;
        let units = process.meter.take().read_units;
        assert!(units < 128.0, "{units} units are more than 1 MB");
        let total = usize::try_from(answer["pagination"]["total"].as_u64().unwrap()).unwrap();
        let now = self.sizes.len() - 1;
        let ten_seconds_ago = self.sizes[now.saturating_sub(10)];
        assert!((ten_seconds_ago..=self.sizes[now]).contains(&total), "{total} of {} after {now} s", self.sizes[now]);
        if page == 1 {
            assert_eq!(answer["data"][0]["id"], self.made.last().unwrap().id(), "the newest code is first");
        }
        assert!(total >= self.told, "{total} after {}", self.told);
        self.told = total;
        units
    }
}

/// 500 codes a second with the longest ids: 4 MB of codes have not settled.
#[tokio::test]
async fn first_page_of_a_listing_that_grows_by_500_codes_a_second_is_answered_within_1_mb() {
    let mut growing = Growing::new(500, true).await;
    for second in 0..45 {
        growing.grow().await;
        growing.list(None, 1).await;
        if second % 7 == 0 {
            // A process that knows nothing reads what the others have counted.
            let cold = growing.service.second_process(growing.service.clock.reader()).await;
            growing.told = 0;
            growing.list(Some(&cold), 1).await;
            growing.told = 0;
        }
    }
    let (_, marked) = head(&growing.service, "all").await.unwrap();
    assert!(marked > 0, "lists make marks although they do not read the whole tail");
    // When it has become quiet, the total is exact again.
    growing.service.clock.advance(Duration::from_secs(300));
    growing.sizes.extend([*growing.sizes.last().unwrap(); 11]);
    for _ in 0..40 {
        growing.list(None, 1).await;
    }
    assert_eq!(growing.told, 22_501);
}

/// With ids like the contract's and a hundred codes a second, any page costs less than 110 units, and most cost a few.
#[tokio::test]
async fn pages_of_a_listing_that_grows_by_100_codes_a_second_cost_less_than_110_units() {
    let mut growing = Growing::new(100, false).await;
    let process = growing.service.second_process(growing.service.clock.reader()).await;
    let mut units = Vec::new();
    for second in 0..130 {
        growing.grow().await;
        if second > 65 {
            units.push(growing.list(Some(&process), 1).await);
            units.push(growing.list(Some(&process), 1).await);
            let pages = growing.sizes.last().unwrap() / 20;
            for page in [2, pages / 2, pages - 1] {
                growing.list(Some(&process), page).await;
            }
        }
    }
    units.sort_by(f64::total_cmp);
    assert!(units[units.len() - 1] < 110.0, "{units:?}");
    assert!(units[units.len() / 2] < 20.0, "{units:?}");
}

/// Fifty codes a second or fewer: every total is exact, whatever was remembered.
#[tokio::test]
async fn total_is_exact_up_to_50_codes_a_second() {
    for a_second in [1, 10, 50] {
        let mut growing = Growing::new(a_second, false).await;
        let process = growing.service.second_process(growing.service.clock.reader()).await;
        for _ in 0..75 {
            growing.grow().await;
            growing.list(Some(&process), 1).await;
            assert_eq!(growing.told, *growing.sizes.last().unwrap(), "{a_second} codes a second");
        }
    }
}

/// The upkeep counts for all processes, so that the total is recent although lists are rare.
#[tokio::test]
async fn upkeep_keeps_the_total_of_a_busy_listing_recent() {
    let mut growing = Growing::new(500, true).await;
    for _ in 0..30 {
        growing.grow().await;
    }
    let upkeep = growing.service.upkeep().await.unwrap();
    assert!(upkeep.busy && upkeep.done, "{upkeep:?}");
    growing.grow().await;
    let process = growing.service.second_process(growing.service.clock.reader()).await;
    growing.list(Some(&process), 1).await;
    assert!(growing.told > 15_501 - 500 * 2);
}
