<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/secret-form.xsl"/>
<xsl:include href="../parts/history.xsl"/>
<xsl:template match="page" mode="content">
<h1>Security settings</h1>
<xsl:apply-templates select="security/form"/>
<xsl:apply-templates select="security/secrets"/>
<xsl:apply-templates select="security/history"/>
</xsl:template>

<xsl:template match="secrets">
<section aria-labelledby="secrets-heading">
<h2 id="secrets-heading">Secrets</h2>
<xsl:apply-templates select="error" mode="section"/>
<div class="table-frame">
<table id="settings-security-secret-metadata" class="stacked">
<xsl:apply-templates select="." mode="rows"/>
</table>
</div>
<xsl:apply-templates select="." mode="pager"/>
</section>
</xsl:template>

<xsl:template match="secrets" mode="rows"><caption class="empty">No secret is stored yet.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[@first='no']" mode="rows"><caption class="empty">There are no more secrets.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[error]" mode="rows" priority="1"><caption class="empty">The list could not be read.</caption><tbody></tbody></xsl:template>
<xsl:template match="secrets[secret]" mode="rows" priority="2">
<caption class="visually-hidden">Metadata of stored secrets; values are never shown</caption>
<thead><tr><th scope="col">Scope</th><th scope="col">Name</th><th scope="col">Key version</th><th scope="col">Last rotated</th><th scope="col">Source</th><th scope="col">Status</th><th scope="col">Expires</th></tr></thead>
<tbody><xsl:apply-templates select="secret"/></tbody>
</xsl:template>

<xsl:template match="secrets" mode="pager"/>
<xsl:template match="secrets[@first='no' or @next]" mode="pager">
<nav class="pager" aria-label="Pages of secrets">
<xsl:apply-templates select="@first[.='no']"/>
<xsl:apply-templates select="@next"/>
</nav>
</xsl:template>

<xsl:template match="secrets/@first"><a href="/settings/security">First page</a></xsl:template>
<xsl:template match="secrets/@next"><a rel="next" id="settings-security-secret-next" href="/settings/security?after={.}">Next page</a></xsl:template>

<xsl:template match="secret">
<tr id="settings-security-secret-{@id}">
<td data-label="Scope"><xsl:value-of select="@scope"/><xsl:apply-templates select="@project"/></td>
<th scope="row" data-label="Name" class="long"><a href="/settings/security/secrets/{@id}"><xsl:value-of select="@secret-name"/></a></th>
<td data-label="Key version" id="settings-security-secret-key-version-{@id}"><xsl:value-of select="@key-version"/></td>
<td data-label="Last rotated" id="settings-security-secret-rotated-at-{@id}"><time datetime="{@rotated-at}"><xsl:value-of select="@rotated-at-text"/></time></td>
<td data-label="Source" id="settings-security-secret-source-value-{@id}"><xsl:value-of select="@source"/></td>
<td data-label="Status"><span class="status {@status}"><xsl:value-of select="@status"/></span></td>
<td data-label="Expires"><xsl:apply-templates select="." mode="expiry"/></td>
</tr>
</xsl:template>

<xsl:template match="secret/@project"><xsl:text> </xsl:text><span class="fine long"><xsl:value-of select="."/></span></xsl:template>
<xsl:template match="secret" mode="expiry"><span class="fine">never</span></xsl:template>
<xsl:template match="secret[@expires-at]" mode="expiry"><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></xsl:template>
<xsl:template match="secret[@expired='yes']" mode="expiry" priority="2"><span class="status expired">expired</span><xsl:text> </xsl:text><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></xsl:template>
</xsl:stylesheet>
