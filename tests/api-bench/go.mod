module petset/api-bench

go 1.25.0
