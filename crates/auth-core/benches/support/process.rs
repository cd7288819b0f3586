//! Measuring in a process of its own, whose memory nothing else has used.

use std::process::Command;

/// Tells a process that it is one of these, and what it is to do.
const CHILD: &str = "AUTH_CORE_BENCH_CHILD";

/// What this process is to do, if it was started by [`run`].
pub(crate) fn child<const N: usize>() -> Option<[usize; N]> {
    let words = std::env::var(CHILD).ok()?;
    let words: Vec<usize> = words.split(' ').map(|word| word.parse().unwrap()).collect();
    Some(words.try_into().unwrap())
}

/// Runs this benchmark once more, to do this, and gives its answer.
pub(crate) fn run<const N: usize, const M: usize>(words: [usize; N]) -> [f64; M] {
    let words = words.map(|word| word.to_string()).join(" ");
    let output = Command::new(std::env::current_exe().unwrap()).env(CHILD, &words).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    let answer = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = answer.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    figures.try_into().unwrap()
}

/// Answers the process that started this one.
#[allow(clippy::print_stdout, reason = "what it was started for")]
pub(crate) fn answer(figures: &[f64]) {
    println!("{}", figures.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
}

/// Bytes of memory that this process has in use, as the system counts them; 0 where it does not say.
pub(crate) fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1_024.0
}
