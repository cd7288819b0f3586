//! Measures in a separate process, whose memory is unused.

use std::process::Command;

/// Marks such a process and holds its task.
const CHILD: &str = "AUTH_CORE_BENCH_CHILD";

/// The task of this process, if it was started by [`run`].
pub(crate) fn child<const N: usize>() -> Option<[usize; N]> {
    let words = std::env::var(CHILD).ok()?;
    let words: Vec<usize> = words.split(' ').map(|word| word.parse().unwrap()).collect();
    Some(words.try_into().unwrap())
}

/// Runs this benchmark in another process with this task, and returns its figures.
pub(crate) fn run<const N: usize, const M: usize>(words: [usize; N]) -> [f64; M] {
    let words = words.map(|word| word.to_string()).join(" ");
    let output = Command::new(std::env::current_exe().unwrap()).env(CHILD, &words).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    let answer = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = answer.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    figures.try_into().unwrap()
}

/// Sends the figures to the parent process.
#[allow(clippy::print_stdout, reason = "the parent process reads it")]
pub(crate) fn answer(figures: &[f64]) {
    println!("{}", figures.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
}

/// The resident memory of this process in bytes; 0 if the system does not report it.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1_024.0
}
