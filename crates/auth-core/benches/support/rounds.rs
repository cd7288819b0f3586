//! Measures in turn, so that a disturbance of the machine affects all contenders.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Number of rounds.
pub(crate) const ROUNDS: usize = 5;

/// Slices of a round, an odd number.
const SLICES: usize = 101;

/// Approximate duration of a slice.
const SLICE: Duration = Duration::from_micros(50);

/// One figure for each round.
pub(crate) type Figures = [f64; ROUNDS];

/// An operation to measure, with a function that repeats it a number of times.
pub(crate) struct Contender<'run> {
    pub(crate) name: &'static str,
    repeat: Box<dyn FnMut(u32) + 'run>,
}

impl<'run> Contender<'run> {
    /// Measures a function.
    pub(crate) fn of<T>(name: &'static str, mut operation: impl FnMut() -> T + 'run) -> Self {
        Self::repeating(name, move |times| {
            for _ in 0..times {
                black_box(operation());
            }
        })
    }

    /// Measures a function that repeats its operation itself.
    pub(crate) fn repeating(name: &'static str, repeat: impl FnMut(u32) + 'run) -> Self {
        Self { name, repeat: Box::new(repeat) }
    }

    fn time(&mut self, times: u32) -> Duration {
        let begin = Instant::now();
        (self.repeat)(times);
        begin.elapsed()
    }

    /// The number of operations in a slice; also warms up.
    fn calibrate(&mut self) -> u32 {
        let mut times = 1;
        while self.time(times) < SLICE {
            times = times.saturating_mul(2);
        }
        times
    }
}

/// Nanoseconds for each operation. Contenders take turns slice by slice; the figure of a round is its median slice.
pub(crate) fn nanoseconds(contenders: &mut [Contender<'_>]) -> Vec<Figures> {
    let times: Vec<u32> = contenders.iter_mut().map(Contender::calibrate).collect();
    let mut figures = vec![[0.0; ROUNDS]; contenders.len()];
    for round in 0..ROUNDS {
        let mut slices = vec![Vec::with_capacity(SLICES); contenders.len()];
        for _ in 0..SLICES {
            for ((contender, slices), &times) in contenders.iter_mut().zip(&mut slices).zip(&times) {
                slices.push(contender.time(times).as_secs_f64() * 1e9 / f64::from(times));
            }
        }
        for (figures, mut slices) in figures.iter_mut().zip(slices) {
            figures[round] = median(&mut slices);
        }
    }
    figures
}

/// The median.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// An operation that two threads run at the same time.
pub(crate) struct Shared<'run> {
    pub(crate) name: &'static str,
    repeat: Box<dyn Fn(u32) + Sync + 'run>,
}

impl<'run> Shared<'run> {
    /// Measures a function.
    pub(crate) fn of<T>(name: &'static str, operation: impl Fn() -> T + Sync + 'run) -> Self {
        Self::repeating(name, move |times| {
            for _ in 0..times {
                black_box(operation());
            }
        })
    }

    /// Measures a function that repeats its operation itself.
    pub(crate) fn repeating(name: &'static str, repeat: impl Fn(u32) + Sync + 'run) -> Self {
        Self { name, repeat: Box::new(repeat) }
    }

    /// Millions of operations per second of two threads together, each measured with its own clock.
    fn throughput(&self, times: u32) -> f64 {
        let start = Barrier::new(2);
        let one = || {
            start.wait();
            let begin = Instant::now();
            (self.repeat)(times);
            f64::from(times) / begin.elapsed().as_secs_f64() / 1e6
        };
        std::thread::scope(|threads| {
            let other = threads.spawn(one);
            one() + other.join().unwrap()
        })
    }

    /// The number of operations that take one thread as long as many slices, so that both threads run most of the time.
    fn calibrate(&self) -> u32 {
        let mut times = 1;
        loop {
            let begin = Instant::now();
            (self.repeat)(times);
            if begin.elapsed() > SLICE * 40 {
                return times;
            }
            times = times.saturating_mul(2);
        }
    }
}

/// Millions of operations per second of two threads, measured in turn as in [`nanoseconds`].
pub(crate) fn millions_per_second(contenders: &[Shared<'_>]) -> Vec<Figures> {
    let times: Vec<u32> = contenders.iter().map(Shared::calibrate).collect();
    let mut figures = vec![[0.0; ROUNDS]; contenders.len()];
    for round in 0..ROUNDS {
        let mut slices = vec![vec![]; contenders.len()];
        for _ in 0..SLICES / 10 + 1 {
            for ((contender, slices), &times) in contenders.iter().zip(&mut slices).zip(&times) {
                slices.push(contender.throughput(times));
            }
        }
        for (figures, mut slices) in figures.iter_mut().zip(slices) {
            figures[round] = median(&mut slices);
        }
    }
    figures
}
