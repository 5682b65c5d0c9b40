from handlers.metrics import Prometheus
from tests.faults.soak import lag_p99


def test_lag_is_reported_as_the_bound_of_its_99th_percentile() -> None:
    metrics = Prometheus()
    for seconds in [0.0] * 197 + [0.04] + [2.0] * 2:
        metrics.lag(seconds)
    mostly = lag_p99(metrics.print()[0].decode())
    metrics.lag(2.0)

    assert mostly == "at most 50 ms of 200"
    assert lag_p99(metrics.print()[0].decode()) == "at most 5000 ms of 201"
