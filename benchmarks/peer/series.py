"""The book's section 8.1 as a plain script over d2l: a sine, an MLP with tau 4, and its k-step figures."""

import sys
from pathlib import Path

import torch
from d2l import torch as d2l
from torch import nn

STEPS, TAU, N_TRAIN, HORIZON = 1000, 4, 600, 64


def main(figures: Path) -> None:
    torch.manual_seed(0)
    time = torch.arange(1, STEPS + 1, dtype=torch.float32)
    x = torch.sin(0.01 * time) + torch.normal(0, 0.2, (STEPS,))
    d2l.plot(time, [x], "time", "x", xlim=[1, STEPS], figsize=(6, 3))
    save(figures / "series.png")

    windows = torch.stack([x[i : STEPS - TAU + i] for i in range(TAU)], dim=1)  # (STEPS - TAU, TAU)
    labels = x[TAU:].reshape((-1, 1))
    batches = d2l.load_array((windows[:N_TRAIN], labels[:N_TRAIN]), 16)
    hidden, output = nn.Linear(TAU, 10), nn.Linear(10, 1)
    net = nn.Sequential(hidden, nn.ReLU(), output)
    for layer in (hidden, output):
        nn.init.xavier_uniform_(layer.weight)
    loss = nn.MSELoss()
    trainer = torch.optim.Adam(net.parameters(), 0.01)
    for epoch in range(5):
        for X, y in batches:
            trainer.zero_grad()
            loss(net(X), y).backward()
            trainer.step()
        print(f"epoch {epoch + 1}, loss: {d2l.evaluate_loss(net, batches, loss):f}")

    with torch.no_grad():
        one_step = net(windows)
        d2l.plot([time, time[TAU:]], [x, one_step], "time", "x", legend=["data", "1-step"], xlim=[1, STEPS])
        save(figures / "one_step.png")

        multistep = x.clone()
        for i in range(N_TRAIN + TAU, STEPS):
            multistep[i] = net(multistep[i - TAU : i].reshape((1, -1)))
        curves = [x, one_step, multistep[N_TRAIN + TAU :]]
        times = [time, time[TAU:], time[N_TRAIN + TAU :]]
        d2l.plot(times, curves, "time", "x", legend=["data", "1-step", "multistep"], xlim=[1, STEPS])
        save(figures / "multistep.png")

        # columns: TAU observed values, then the predictions 1 … HORIZON steps ahead
        features = torch.zeros((STEPS - TAU - HORIZON + 1, TAU + HORIZON))
        for i in range(TAU):
            features[:, i] = x[i : i + len(features)]
        for i in range(TAU, TAU + HORIZON):
            features[:, i] = net(features[:, i - TAU : i]).reshape(-1)
        horizons = (1, 4, 16, 64)
        times = [time[TAU + k - 1 : STEPS - HORIZON + k] for k in horizons]
        curves = [features[:, TAU + k - 1] for k in horizons]
        d2l.plot(times, curves, "time", "x", legend=[f"{k}-step preds" for k in horizons], xlim=[5, STEPS])
        save(figures / "kstep.png")


def save(path: Path) -> None:
    d2l.plt.savefig(path)
    d2l.plt.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
