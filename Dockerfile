# One image for web, worker, beat and (demo) the simulated carrier; docker-compose.yml tells them apart.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    VAR_DIR=/var/lib/textengage STATIC_ROOT=/srv/static

RUN useradd --system --uid 10001 --create-home textengage \
    && install -d -o textengage /var/lib/textengage

WORKDIR /srv/textengage
COPY requirements.txt .
RUN pip install --disable-pip-version-check --require-hashes -r requirements.txt

COPY . .
# The build knows no secret and reaches no database: these are placeholders for this step only.
RUN SECRET_KEY=build SECRETS_KEYS=build PEPPER=build DATABASE_URL=postgres:///build \
    python manage.py collectstatic --no-input

USER textengage
EXPOSE 8000
CMD ["uvicorn", "textengage.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--no-access-log", "--timeout-graceful-shutdown", "10"]
