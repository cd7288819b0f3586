//! `access-token completions` and `man`.

use crate::home::Home;

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_has_completions_and_every_command_a_page() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = home.run(&["completions", shell]).await;
        assert!(output.success().contains("access-token"), "{shell}");
    }
    let page = home.run(&["man"]).await;
    assert!(page.success().contains(".TH access-token 1"), "{page:?}");
    let help = home.run(&["--help"]).await.success().to_owned();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let names: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.contains(&"get") && names.contains(&"man"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let page = home.run(&["man", name]).await;
        let wanted = format!(".TH access-token-{name} 1");
        assert!(
            page.success().contains(&wanted),
            "{name}: {}",
            page.stdout.lines().take(8).collect::<Vec<_>>().join("\n")
        );
    }
    assert!(home.run(&["man", "nothing"]).await.failure(2).contains("there is no command"));
}
