<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:import href="../parts/history.xsl"/>
<xsl:include href="../parts/secret.xsl"/>
<xsl:include href="../parts/rotate-form.xsl"/>
<xsl:template match="page" mode="title"><xsl:value-of select="detail/secret/@secret-name"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security">Security settings</a></nav>
<xsl:apply-templates select="detail/secret"/>
<xsl:apply-templates select="detail/rotate"/>
<xsl:apply-templates select="detail/revoke"/>
<xsl:apply-templates select="detail/versions"/>
<xsl:apply-templates select="detail/history"/>
</xsl:template>

<xsl:template match="detail/secret">
<h1 id="secret-name"><span class="scope"><xsl:value-of select="@scope"/>/</span><xsl:value-of select="@secret-name"/></h1>
<p class="lead"><xsl:apply-templates select="." mode="lead"/></p>
<dl class="panel facts">
<div><dt>Status</dt><dd id="secret-status"><xsl:apply-templates select="." mode="state"/></dd></div>
<div><dt>Key version</dt><dd id="settings-security-secret-key-version-{@id}"><xsl:value-of select="@key-version"/></dd></div>
<div><dt>Last rotated</dt><dd id="settings-security-secret-rotated-at-{@id}"><time datetime="{@rotated-at}"><xsl:value-of select="@rotated-at-text"/></time></dd></div>
<div><dt>Source</dt><dd id="settings-security-secret-source-value-{@id}"><xsl:value-of select="@source"/></dd></div>
<div><dt>Expires</dt><dd id="secret-expires-at"><xsl:apply-templates select="." mode="expiry"/></dd></div>
<xsl:apply-templates select="../@kek-version"/>
<div><dt>Created</dt><dd><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></dd></div>
<xsl:apply-templates select="@project"/>
<div><dt>Id</dt><dd><code><xsl:value-of select="@id"/></code></dd></div>
</dl>
</xsl:template>

<xsl:template match="secret" mode="lead">The value is sealed. It is not shown here or anywhere else.</xsl:template>
<xsl:template match="secret[@state='expired']" mode="lead">The value has expired: it is sealed still, but given to nobody any more. Rotate it to use it again.</xsl:template>
<xsl:template match="secret[@state='soon']" mode="lead">The value is sealed, and about to expire; from then on it is given to nobody. Rotate it in time.</xsl:template>
<xsl:template match="secret[@state='revoked']" mode="lead">The secret is revoked: the keys that its values were sealed with are destroyed. What is known about it, and its history, stay.</xsl:template>

<xsl:template match="@kek-version"><div><dt>Root key version</dt><dd id="secret-kek-version"><xsl:value-of select="."/></dd></div></xsl:template>
<xsl:template match="secret/@project"><div><dt>Project</dt><dd><code><xsl:value-of select="."/></code></dd></div></xsl:template>

<xsl:template match="detail/revoke">
<section aria-labelledby="revoke-heading">
<h2 id="revoke-heading">Revoke</h2>
<form id="settings-security-secret-revoke-{../secret/@id}" class="panel" method="post" action="/settings/security/secrets/{../secret/@id}/revoke">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<input type="hidden" name="security_secret[expected]" value="{@expected}"/>
<p>Destroys what opens the stored values. The next page says what that means and asks once more.</p>
<p class="actions"><button type="submit" class="danger">Revoke…</button></p>
</form>
</section>
</xsl:template>

<xsl:template match="versions">
<section aria-labelledby="versions-heading">
<h2 id="versions-heading">Versions</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="." mode="rows"/>
<xsl:if test="@first='no' or @next">
<nav class="pager" aria-label="Pages of versions">
<xsl:if test="@first='no'"><a href="/settings/security/secrets/{../secret/@id}#versions-heading">Newest versions</a></xsl:if>
<xsl:if test="@next"><a rel="next" id="secret-versions-next" href="/settings/security/secrets/{../secret/@id}?below={@next}#versions-heading">Older versions</a></xsl:if>
</nav>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="versions" mode="rows"><xsl:if test="not(error)"><p class="empty">There are no older versions.</p></xsl:if></xsl:template>
<xsl:template match="versions[version]" mode="rows" priority="1">
<div class="table-frame">
<table class="stacked" id="secret-versions">
<thead><tr><th scope="col">Key version</th><th scope="col">State</th><th scope="col">Stored</th><th scope="col">Destroyed</th><th scope="col">Root key version</th></tr></thead>
<tbody><xsl:apply-templates select="version"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="version">
<tr id="secret-version-{@key-version}">
<th scope="row" data-label="Key version"><xsl:value-of select="@key-version"/></th>
<td data-label="State"><span class="status {@state}"><xsl:value-of select="@state"/></span></td>
<td data-label="Stored"><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></td>
<td data-label="Destroyed"><xsl:apply-templates select="." mode="destroyed"/></td>
<td data-label="Root key version"><xsl:value-of select="@kek-version"/></td>
</tr>
</xsl:template>
<xsl:template match="version" mode="destroyed"><span class="fine">no</span></xsl:template>
<xsl:template match="version[@destroyed-at]" mode="destroyed"><time datetime="{@destroyed-at}"><xsl:value-of select="@destroyed-at-text"/></time></xsl:template>

<xsl:template match="history" mode="pager">
<xsl:if test="@first='no'"><a href="/settings/security/secrets/{../secret/@id}#history-heading">Newest</a></xsl:if>
<xsl:if test="@next"><a rel="next" id="secret-history-next" href="/settings/security/secrets/{../secret/@id}?before={@next}#history-heading">Older</a></xsl:if>
</xsl:template>
<xsl:template match="history" mode="empty">Nothing older is recorded.</xsl:template>
</xsl:stylesheet>
