module example/@project-name@

go 1.24
